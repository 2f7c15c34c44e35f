using System.Text.RegularExpressions;

namespace LibMultipath.Tests.Project;

/// <summary>docs/faults.md says which test holds which fault of the proposal.</summary>
public sealed partial class FaultTableTests
{
    private const int Faults = 32;

    [Fact]
    public void Each_fault_has_tests_and_each_of_them_stands_in_the_table()
    {
        var written = Tests().ToLookup(test => test.Fault);
        var listed = Rows().ToLookup(test => test.Fault);
        for (int fault = 1; fault <= Faults; fault++)
        {
            Assert.True(written[fault].Any(), $"F{fault} has no test: name one F{fault:00}_…");
            Assert.Equal(written[fault].Order(), listed[fault].Order());
        }
    }

    private static IEnumerable<(int Fault, string Name, string File)> Tests() =>
        from file in Directory.EnumerateFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
        where !relative.Contains("/obj/", StringComparison.Ordinal) && !relative.Contains("/bin/", StringComparison.Ordinal)
        from Match match in Method().Matches(File.ReadAllText(file))
        select (int.Parse(match.Groups[2].ValueSpan), match.Groups[1].Value, relative);

    private static IEnumerable<(int Fault, string Name, string File)> Rows() =>
        from line in File.ReadLines(Repository.PathOf("docs", "faults.md"))
        let row = Row().Match(line)
        where row.Success
        from Match link in Link().Matches(line)
        select (int.Parse(row.Groups[1].ValueSpan), link.Groups[1].Value, link.Groups[2].Value);

    [GeneratedRegex(@"\b(F(\d\d)_\w+)\(")]
    private static partial Regex Method();

    [GeneratedRegex(@"^\| F(\d+) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"\[`(F\d\d_\w+)`\]\(\.\./([^)]+)\)")]
    private static partial Regex Link();
}

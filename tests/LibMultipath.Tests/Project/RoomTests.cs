using System.Text.RegularExpressions;

namespace LibMultipath.Tests.Project;

/// <summary>The folders of the library may only use those below them; docs/architecture.md has the table.</summary>
public sealed partial class RoomTests
{
    private static readonly Dictionary<string, string[]> s_mayUse = new()
    {
        ["Block"] = [],
        ["Reclamation"] = [],
        ["Topology"] = [],
        ["Hooks"] = [],
        ["Work"] = [],
        ["Paths"] = ["Block", "Reclamation", "Topology", "Hooks", "Work"],
        ["Selection"] = ["Block", "Reclamation", "Topology", "Hooks", "Work", "Paths"],
        ["Disk.Partitions"] = [],
        ["Disk"] = ["Block", "Reclamation", "Topology", "Hooks", "Work", "Paths", "Selection", "Disk.Partitions"],
        ["Diagnostics"] = ["Block", "Reclamation", "Topology", "Hooks", "Work", "Paths", "Selection", "Disk", "Disk.Partitions"],
    };

    [Fact]
    public void Rooms_use_only_the_rooms_below_them()
    {
        string library = Repository.PathOf("src", "LibMultipath");
        var wrong = new List<string>();
        int files = 0;
        foreach (string file in SourceFiles(library))
        {
            files++;
            string room = Path.GetRelativePath(library, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
            Assert.True(s_mayUse.ContainsKey(room), $"{room} is a room that the table does not know ({file}).");
            string text = File.ReadAllText(file);
            Assert.Contains($"namespace LibMultipath.{room};", text);
            foreach (Match use in UsedRoom().Matches(text))
            {
                string used = use.Groups[1].Value;
                if (used != room && !s_mayUse[room].Contains(used))
                {
                    wrong.Add($"{room} -> {used} ({Path.GetFileName(file)})");
                }
            }
        }

        Assert.True(files > 50, $"Only {files} source files were found.");
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).StartsWith("obj", StringComparison.Ordinal)
                && !Path.GetRelativePath(folder, file).StartsWith("bin", StringComparison.Ordinal));

    [GeneratedRegex(@"^using LibMultipath\.([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsedRoom();
}

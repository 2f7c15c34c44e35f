using LibMultipath.Selection;

namespace LibMultipath.Tests.Project;

/// <summary>What the README shows is what is compiled and run.</summary>
public sealed class ReadmeTests
{
    public static TheoryData<string> Policies => [.. IoPolicies.All.Select(policy => policy.Name)];

    [Fact]
    public void The_driver_in_the_README_is_the_quick_start_sample()
    {
        string readme = File.ReadAllText(Repository.PathOf("README.md")).ReplaceLineEndings("\n");
        string sample = File.ReadAllText(Repository.PathOf("samples", "QuickStart", "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{sample}```", readme);
    }

    [Fact]
    public void The_code_in_the_document_of_drivers_is_a_sample()
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "writing-a-driver.md")).ReplaceLineEndings("\n");
        string sample = File.ReadAllText(Repository.PathOf("samples", "Reconnecting", "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{sample}```", document);
    }

    [Theory]
    [InlineData("PathSelector")]
    [InlineData("RingRecords")]
    public void The_code_in_the_document_of_selectors_is_a_sample(string name)
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "selectors.md")).ReplaceLineEndings("\n");
        string sample = File.ReadAllText(Repository.PathOf("samples", name, "Program.cs")).ReplaceLineEndings("\n");
        Assert.Contains($"```csharp\n{sample}```", document);
    }

    [Theory]
    [MemberData(nameof(Policies))]
    public void Every_policy_and_parameter_stands_in_the_document_of_selectors(string policy)
    {
        string document = File.ReadAllText(Repository.PathOf("docs", "selectors.md"));
        string row = Assert.Single(document.Split('\n'), line => line.StartsWith($"| `{policy}` | ", StringComparison.Ordinal) && line.Count(each => each == '|') == 5);
        if (IoPolicies.Definitions.FirstOrDefault(definition => definition.Name == policy) is { } definition)
        {
            Assert.All(definition.Parameters, parameter => Assert.Contains($"`{parameter.Key}`", row));
        }
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/architecture.md")]
    [InlineData("docs/writing-a-driver.md")]
    [InlineData("docs/benchmarks.md")]
    [InlineData("docs/operations.md")]
    [InlineData("docs/selectors.md")]
    [InlineData("docs/ublk.md")]
    [InlineData("docs/faults.md")]
    public void Links_to_files_lead_to_files(string document)
    {
        string file = Repository.PathOf(document.Split('/'));
        string text = File.ReadAllText(file);
        var links = System.Text.RegularExpressions.Regex.Matches(text, @"\]\((?!https?:|#)([^)#]+)");
        foreach (System.Text.RegularExpressions.Match link in links)
        {
            string target = Path.Combine(Path.GetDirectoryName(file)!, link.Groups[1].Value);
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{document} links to {link.Groups[1].Value}, which is not there.");
        }
    }
}

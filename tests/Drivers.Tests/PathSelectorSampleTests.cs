using System.Diagnostics;

namespace Drivers.Tests;

/// <summary>The sample that docs/selectors.md shows, run as a user runs it.</summary>
public sealed class PathSelectorSampleTests
{
    [Fact]
    public async Task The_attached_selector_reads_from_the_quick_path()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "PathSelector.dll")]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        string[] lines = output.TrimEnd('\n').Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Equal(lines[0].Split(':')[0], lines[3].Split(':')[0]);
        string[] words = lines[1].Split(' ');
        Assert.Equal(("least-waiting:", "path0", "path1"), (words[0], words[1], words[3]));
        Assert.True(int.Parse(words[2].TrimEnd(',')) > int.Parse(words[4]), output);
        Assert.EndsWith("faults 0", lines[2]);
    }
}

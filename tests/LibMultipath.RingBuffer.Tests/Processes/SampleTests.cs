using System.Diagnostics;

namespace LibMultipath.RingBuffer.Tests.Processes;

/// <summary>The sample that docs/selectors.md shows, run as a user runs it.</summary>
public sealed class SampleTests
{
    [Fact]
    public async Task The_monitor_prints_what_its_document_says()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "RingRecords.dll")]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.Equal("path 0: 120 us\npath 1: 3400 us\n2 records, ENOSPC when the ring was full\n", output);
    }
}

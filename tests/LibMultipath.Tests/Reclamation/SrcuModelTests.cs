using System.Diagnostics;
using System.Text.RegularExpressions;
using LibMultipath.Tests.Project;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Reclamation;

/// <summary>Checks <c>tests/models/srcu.pml</c>, whose head says what it models.</summary>
public sealed partial class SrcuModelTests(ITestOutputHelper output)
{
    [SpinTheory]
    [InlineData("-DSECTIONS=2", "-DHANDED=1")]
    [InlineData("-DSECTIONS=1", "-DHANDED=2")]
    public async Task Nobody_sees_a_reclaimed_object_and_no_updater_oversleeps(params string[] macros)
    {
        string report = await CheckAsync(macros, []);
        Assert.Equal(0, Errors(report));
        Assert.DoesNotContain("Search not completed", report, StringComparison.Ordinal);
        Assert.DoesNotContain("max search depth too small", report, StringComparison.Ordinal);
        Assert.DoesNotContain("error:", report, StringComparison.Ordinal);
        // That it all happens in the model: no statement of a reader or of the updater is never reached.
        Assert.Matches(@"unreached in proctype reader\s+\(0 of", report);
        Assert.Matches(@"unreached in proctype updater\s+\(0 of", report);
    }

    [SpinTheory]
    [InlineData("NO_BARRIER")]
    [InlineData("LOCKS_FIRST")]
    [InlineData("NO_FIRST_WAIT")]
    [InlineData("NO_SECOND_WAIT")]
    public async Task A_mutant_lets_a_reader_see_a_reclaimed_object(string mutant)
    {
        // -E: a thread that sleeps for ever is another test's business.
        string report = await CheckAsync([$"-D{mutant}"], ["-E"]);
        Assert.True(Errors(report) >= 1, report);
        Assert.Contains("assertion violated (found>=intact)", report, StringComparison.Ordinal);
    }

    [SpinTheory]
    [InlineData("NO_FLAG_BARRIER")]
    public async Task A_mutant_lets_the_updater_oversleep(string mutant)
    {
        string report = await CheckAsync([$"-D{mutant}"], []);
        Assert.True(Errors(report) >= 1, report);
        Assert.Contains("invalid end state", report, StringComparison.Ordinal);
    }

    private static string ModelPath() => Repository.PathOf("tests", "models", "srcu.pml");

    private static int Errors(string report)
    {
        Match match = ErrorsPattern().Match(report);
        Assert.True(match.Success, report);
        return int.Parse(match.Groups[1].ValueSpan);
    }

    private async Task<string> CheckAsync(string[] macros, string[] options)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("srcu-model-");
        try
        {
            await RunAsync(folder, "spin", ["-a", .. macros, ModelPath()]);
            await RunAsync(folder, "cc", ["-O1", "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"]);
            string report = await RunAsync(folder, Path.Combine(folder.FullName, "pan"), ["-m100000", .. options]);
            output.WriteLine(report);
            return report;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> RunAsync(DirectoryInfo folder, string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo info = new(program, arguments)
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(info)!;
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(5));
        try
        {
            Task<string> standardOutput = process.StandardOutput.ReadToEndAsync(limit.Token);
            Task<string> standardError = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            string all = await standardOutput + await standardError;
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}:\n{all}");
            return all;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    [GeneratedRegex(@"errors: (\d+)")]
    private static partial Regex ErrorsPattern();
}

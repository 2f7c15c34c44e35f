using System.Diagnostics;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Hooks;

/// <summary>The program of tests/WithoutHooks, in a process of its own: the switch is read once.</summary>
public sealed class HookSwitchTests
{
    [Fact]
    public async Task Without_hook_points_IO_goes_on_attaching_is_refused_and_counters_are_shown()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "WithoutHooks.dll")]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Eventually.Limit);
        await process.WaitForExitAsync().WaitAsync(Eventually.Limit);

        Assert.Equal(0, process.ExitCode);
        Assert.Equal(
            [
                "attach: The switch LibMultipath.Hooks.IsSupported of this program is off; set it to true to attach to hook points.",
                "read: Ok",
                "io: 1, failovers: 1, activities: 0",
                "io: 0 after it was detached",
            ], output.TrimEnd('\n').Split('\n'));
    }
}

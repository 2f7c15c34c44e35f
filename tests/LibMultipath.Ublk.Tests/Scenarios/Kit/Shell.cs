using System.Diagnostics;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>Runs programs of the system, and says what they said when they fail.</summary>
internal static class Shell
{
    /// <summary>Runs a command of bash; it must end well, and soon.</summary>
    /// <returns>What it printed, both streams.</returns>
    public static string Run(string command, int seconds = 120)
    {
        (int code, string output) = Try(command, seconds);
        Assert.True(code == 0, $"'{command}' ended with {code}:\n{output}");
        return output;
    }

    /// <summary>Runs a command of bash.</summary>
    /// <returns>How it ended, 124 when it took too long, and what it printed.</returns>
    public static (int Code, string Output) Try(string command, int seconds = 120)
    {
        using Process process = Start(command);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit(TimeSpan.FromSeconds(5));
            return (124, $"it had not ended after {seconds} s");
        }

        return (process.ExitCode, output.Result);
    }

    /// <summary>Starts a command of bash.</summary>
    public static Process Start(string command)
    {
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"exec 2>&1; {command}");
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Writes, reads back and compares with fio, all over the disk.</summary>
    public static string Verify(string device, string megabytes = "32", string more = "") => Run(
        $"fio --name=verify --filename={device} --rw=randwrite --bsrange=4k-64k --bs_unaligned=0 --blockalign=4k --size={megabytes}m --ioengine=io_uring --iodepth=16 --direct=1 "
        + $"--verify=crc32c --do_verify=1 --verify_fatal=1 --randseed=7 {more}");
}

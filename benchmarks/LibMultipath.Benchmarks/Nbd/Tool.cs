using System.ComponentModel;
using System.Diagnostics;

namespace LibMultipath.Benchmarks.Nbd;

/// <summary>Programs that are measured, or measured with.</summary>
internal static class Tool
{
    /// <summary>Starts a program.</summary>
    /// <exception cref="InvalidOperationException">It is not there.</exception>
    public static Process Start(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception exception)
        {
            throw new InvalidOperationException($"{program} is not there ({exception.Message}); apt-get install nbdkit fio", exception);
        }
    }

    /// <summary>Runs a program to its end, and returns what it prints.</summary>
    /// <exception cref="InvalidOperationException">It is not there, or fails.</exception>
    public static string Run(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        string output = process.StandardOutput.ReadToEnd();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors}");
    }
}

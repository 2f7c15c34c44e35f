using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mpathd.Tests.Processes;

/// <summary>The program itself, as a user starts it.</summary>
internal sealed partial class MpathdProcess : IDisposable
{
    public const int Interrupt = 2; // SIGINT
    public const int Terminate = 15; // SIGTERM
    public const int HangUp = 1; // SIGHUP

    // Far beyond what any of them takes on a machine that has other things to do.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private MpathdProcess(string[] arguments, string? temporaryFolder)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "mpathd.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (temporaryFolder is not null)
        {
            start.Environment["TMPDIR"] = temporaryFolder;
        }

        ListenToInterrupt();
        _process = Process.Start(start)!;
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>Whether the workload runs: its threads are there.</summary>
    public bool IsWorking()
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{_process.Id}/task")
                .Any(task => File.ReadAllText(Path.Combine(task, "comm")).StartsWith("lane/", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            // A thread has ended between the two looks.
            return false;
        }
    }

    public static MpathdProcess Start(params string[] arguments) => new(arguments, null);

    public static MpathdProcess StartIn(string temporaryFolder, params string[] arguments) => new(arguments, temporaryFolder);

    /// <summary>Runs to the end.</summary>
    public static async Task<Ended> Run(params string[] arguments)
    {
        using MpathdProcess process = Start(arguments);
        return await process.WaitAsync();
    }

    public static async Task<Ended> RunIn(string temporaryFolder, params string[] arguments)
    {
        using MpathdProcess process = StartIn(temporaryFolder, arguments);
        return await process.WaitAsync();
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async Task<Ended> WaitAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await _process.WaitForExitAsync(limit.Token);
        return new Ended(_process.ExitCode, await _output, await _error);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    // What a shell starts in the background ignores SIGINT, and so do its children: the tests, and then the program.
    private static void ListenToInterrupt()
    {
        const nint ByDefault = 0;
        const nint Ignored = 1;
        nint before = SetHandler(Interrupt, ByDefault);
        if (before != Ignored)
        {
            SetHandler(Interrupt, before);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    /// <summary>How it ended.</summary>
    internal sealed record Ended(int Code, string Output, string Error);
}

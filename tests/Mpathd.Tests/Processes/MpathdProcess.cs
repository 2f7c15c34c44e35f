using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Mpathd.Tests.Processes;

/// <summary>The program itself, as a user starts it.</summary>
internal sealed partial class MpathdProcess : IDisposable
{
    public const int Interrupt = 2; // SIGINT
    public const int Terminate = 15; // SIGTERM
    public const int HangUp = 1; // SIGHUP
    public const int KillNow = 9; // SIGKILL

    // Far beyond what any of them takes on a machine that has other things to do.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly StringBuilder _outputSoFar = new();
    private readonly Task<string> _output;
    private readonly Task<string> _error;
    private bool _disposed;

    private MpathdProcess(string[] arguments, string? temporaryFolder, string? outputFile = null, string? workingFolder = null, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(outputFile is null ? "dotnet" : "/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        if (outputFile is not null)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add($"exec dotnet \"$@\" > {outputFile}");
            start.ArgumentList.Add("sh");
        }

        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "mpathd.dll"));
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        if (temporaryFolder is not null)
        {
            start.Environment["TMPDIR"] = temporaryFolder;
        }

        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        start.WorkingDirectory = workingFolder ?? "";
        Listen(Interrupt);
        Listen(HangUp);
        _process = Process.Start(start)!;
        _output = ReadOutputAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>How many lines it has written so far.</summary>
    public int OutputLines => OutputSoFar.Count(each => each == '\n');

    /// <summary>What it has written so far.</summary>
    public string OutputSoFar
    {
        get
        {
            lock (_outputSoFar)
            {
                return _outputSoFar.ToString();
            }
        }
    }

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

    /// <summary>Runs to the end, in a folder.</summary>
    public static async Task<Ended> RunFrom(string workingFolder, params string[] arguments)
    {
        using var process = new MpathdProcess(arguments, null, workingFolder: workingFolder);
        return await process.WaitAsync();
    }

    /// <summary>Runs to the end, on a terminal of some kind.</summary>
    public static async Task<Ended> RunOn(string terminal, params string[] arguments)
    {
        using var process = new MpathdProcess(arguments, null, environment: ("TERM", terminal));
        return await process.WaitAsync();
    }

    /// <summary>Runs to the end, with its output in a file.</summary>
    public static async Task<Ended> RunInto(string outputFile, params string[] arguments)
    {
        using var process = new MpathdProcess(arguments, null, outputFile);
        return await process.WaitAsync();
    }

    /// <summary>Sends it a signal, unless it has ended.</summary>
    public void Signal(int signal) => Assert.True(Kill(_process.Id, signal) == 0 || HasExited);

    public async Task<Ended> WaitAsync()
    {
        using var limit = new CancellationTokenSource(s_limit);
        await _process.WaitForExitAsync(limit.Token);
        return new Ended(_process.ExitCode, await _output, await _error);
    }

    /// <summary>Kills it if it still runs; a second call does nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private async Task<string> ReadOutputAsync()
    {
        char[] buffer = new char[4096];
        for (int read; (read = await _process.StandardOutput.ReadAsync(buffer)) > 0;)
        {
            lock (_outputSoFar)
            {
                _outputSoFar.Append(buffer, 0, read);
            }
        }

        return _outputSoFar.ToString();
    }

    // What a shell starts in the background ignores SIGINT, and below nohup SIGHUP, and so do its children: the tests, and
    // then the program.
    private static void Listen(int signal)
    {
        const nint ByDefault = 0;
        const nint Ignored = 1;
        nint before = SetHandler(signal, ByDefault);
        if (before != Ignored)
        {
            SetHandler(signal, before);
        }
    }

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);

    /// <summary>How it ended.</summary>
    internal sealed record Ended(int Code, string Output, string Error);
}

using System.Diagnostics;

namespace Mpathd.Demo;

/// <summary>
/// A process of this program that exports a file: <c>mpathd export</c>. It can be killed and started again, and goes with
/// this process, however that ends: its standard input ends then.
/// </summary>
/// <remarks>One thread starts it and disposes of it; any may kill it, and end it.</remarks>
internal sealed class ExportProcess : IDisposable
{
    // Of a start that a signal of the terminal has met before the program knew that it was not for it.
    private const int Attempts = 3;

    // Far beyond what it takes on a machine that has other things to do.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(30);

    private readonly string _spec;
    private readonly string _socket;
    private readonly Lock _lock = new();
    private Process? _process;
    private volatile bool _killed;
    private bool _disposed;

    /// <summary>Makes one; it is not started.</summary>
    /// <param name="spec">What it exports.</param>
    /// <param name="socket">Where it listens.</param>
    public ExportProcess(string spec, string socket)
    {
        _spec = spec;
        _socket = socket;
    }

    /// <summary>What a path to it is.</summary>
    public string PathSpec => $"nbd:unix:{_socket}";

    /// <summary>Starts it unless it runs, and blocks until it listens.</summary>
    /// <exception cref="MpathdException">It does not start.</exception>
    public void Start()
    {
        // One that was killed a moment ago may not have ended yet.
        if (_process is { HasExited: false } && !_killed)
        {
            return;
        }

        string problem = "";
        for (int i = 0; i < Attempts; i++)
        {
            Process process = Begin();
            Task<string> error = process.StandardError.ReadToEndAsync();
            Task<string?> ready = process.StandardOutput.ReadLineAsync();
            if (!ready.Wait(s_startLimit))
            {
                process.Kill();
                problem = $"it did not listen within {s_startLimit.TotalSeconds:0} s";
            }
            else if (ready.Result is not null)
            {
                return;
            }
            else
            {
                problem = error.Result.Trim();
            }
        }

        throw MpathdException.Failed($"the export at {_socket} does not start: {problem}", "see that mpathd export works here, or run the demo with --driver loop");
    }

    /// <summary>Kills it, as nothing can be done against (SIGKILL), and does not wait. One that is disposed is left alone.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            _killed = true;
            if (!_disposed && _process is { HasExited: false } process)
            {
                process.Kill();
            }
        }
    }

    /// <summary>
    /// Kills it, and waits until it is gone, while this process ends: a thread that starts it or kills it from now on does
    /// not come back, and so has nothing to tell of what it meets.
    /// </summary>
    public void EndWithProcess()
    {
        _lock.Enter();
        if (!_disposed && _process is { HasExited: false } process)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Kill();
            _disposed = true;
            _process?.WaitForExit();
            _process?.Dispose();
        }
    }

    private Process Begin()
    {
        string program = Environment.ProcessPath!;
        string[] host = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "mpathd.dll")] : [];
        var start = new ProcessStartInfo(program, [.. host, "export", _spec, "--nbd", $"unix:{_socket}", "--until-eof"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // What the runtime makes for debuggers would stay when it is killed.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        _process?.WaitForExit();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _process?.Dispose();
            _killed = false;
            return _process = Process.Start(start)!;
        }
    }
}

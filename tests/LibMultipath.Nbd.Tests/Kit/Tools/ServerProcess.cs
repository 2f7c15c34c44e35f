using System.Diagnostics;
using System.Text;

namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>
/// A server that is a process of its own, so that it can be killed, stopped and started again at the same place. It is used
/// by one thread, and gone with the test, or with the test's process.
/// </summary>
internal abstract class ServerProcess : IDisposable
{
    private readonly StringBuilder _said = new();
    private Process? _process;

    protected ServerProcess(TempFolder folder, string name)
    {
        Folder = folder;
        Name = name;
        PidFile = folder[$"{name}.pid"];
    }

    /// <summary>What it listens on as a unix socket; null if it does on a port.</summary>
    public abstract string? Socket { get; }

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What it has printed, since the test began.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    protected TempFolder Folder { get; }

    protected string Name { get; }

    /// <summary>The server writes it when it listens.</summary>
    protected string PidFile { get; }

    protected abstract string Program { get; }

    protected abstract IEnumerable<string> Arguments { get; }

    /// <summary>Starts it, and waits until it listens.</summary>
    public void Start()
    {
        Assert.False(IsRunning, $"{Name} is running.");
        File.Delete(PidFile);
        if (Socket is { } socket)
        {
            // One that was killed has left it.
            File.Delete(socket);
        }

        _process?.Dispose();
        Process process = _process = Spawner.Start(Program, Arguments);
        process.OutputDataReceived += Hear;
        process.ErrorDataReceived += Hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Eventually.True(() => process.HasExited || IsListening, $"{Name} to listen");
        Assert.False(process.HasExited, $"{Program} {string.Join(' ', Arguments)} ended at once:\n{Said}");
    }

    /// <summary>Kills it, as SIGKILL does, and waits until it is gone. Its socket stays, and refuses.</summary>
    public void Kill()
    {
        Signals.Send(_process!.Id, Signals.Kill);
        AwaitExit();
    }

    /// <summary>Kills it and starts it again.</summary>
    public void Restart()
    {
        if (IsRunning)
        {
            Kill();
        }

        Start();
    }

    /// <summary>It does nothing any more, and the kernel goes on taking connections and data for it.</summary>
    public void Stop()
    {
        Signals.Send(_process!.Id, Signals.Stop);

        // The signal takes effect in the other process's own time. The state follows the name in brackets.
        string file = $"/proc/{_process.Id}/stat";
        Eventually.True(() => File.ReadAllText(file).Split(')')[^1].TrimStart()[0] == 'T', $"{Name} to stop");
    }

    public void Continue() => Signals.Send(_process!.Id, Signals.Continue);

    public override string ToString() => $"{Name} {(IsRunning ? "runs" : $"has ended ({_process?.ExitCode})")}; it said:\n{Said}";

    /// <summary>Waits until it has ended by itself.</summary>
    public void AwaitExit() => Eventually.True(() => !IsRunning, $"{Name} to end");

    public void Dispose()
    {
        if (IsRunning)
        {
            Kill();
        }

        _process?.Dispose();
    }

    // With its line end: the file is there before it is filled.
    private bool IsListening => File.Exists(PidFile) && File.ReadAllText(PidFile).EndsWith('\n');

    private void Hear(object sender, DataReceivedEventArgs line)
    {
        lock (_said)
        {
            _said.AppendLine(line.Data);
        }
    }
}

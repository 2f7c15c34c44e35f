using System.Diagnostics;

namespace LibMultipath.Benchmarks.Nbd;

/// <summary>A server of nbdkit's over memory, for as long as this lives.</summary>
internal sealed class NbdkitProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _folder = Directory.CreateTempSubdirectory("bench-nbd-").FullName;

    /// <summary>Starts it, and returns when it listens.</summary>
    /// <param name="size">Of its memory, as nbdkit takes it.</param>
    /// <exception cref="InvalidOperationException">It is not there, or does not start.</exception>
    public NbdkitProcess(string size)
    {
        Socket = Path.Combine(_folder, "nbd.sock");
        _process = Tool.Start("nbdkit", "--foreground", "--exit-with-parent", "--unix", Socket, "memory", size);
        for (int i = 0; !File.Exists(Socket); i++)
        {
            if (_process.HasExited || i == 500)
            {
                throw new InvalidOperationException($"nbdkit does not start: {_process.StandardError.ReadToEnd()}");
            }

            Thread.Sleep(10);
        }
    }

    /// <summary>Where it listens.</summary>
    public string Socket { get; }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

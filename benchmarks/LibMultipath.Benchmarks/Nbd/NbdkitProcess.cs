using System.Diagnostics;
using System.Globalization;
using System.Text;

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

        // It writes its number when it listens; into this pipe, where that can be waited for. Its standard output it closes.
        _process = Tool.Start("nbdkit", "--foreground", "--exit-with-parent", "--pidfile", "/dev/stderr", "--unix", Socket, "memory", size);
        string number = _process.Id.ToString(CultureInfo.InvariantCulture);
        var said = new StringBuilder();
        for (string? line; (line = _process.StandardError.ReadLine()) != number; said.AppendLine(line))
        {
            if (line is null)
            {
                Dispose();
                throw new InvalidOperationException($"nbdkit does not start: {said}");
            }
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

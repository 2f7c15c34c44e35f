using System.Diagnostics;
using System.Text;

namespace VmHarness.Machines;

/// <summary>Keeps the last lines of what a process says, on both of its streams.</summary>
internal sealed class ConsoleTail
{
    private const int Lines = 300;

    private readonly Queue<string> _lines = new();
    private readonly Task _reading;

    public ConsoleTail(Process process) =>
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));

    /// <summary>Waits for the end of both streams.</summary>
    public async Task<string> EndAsync()
    {
        await _reading;
        var text = new StringBuilder();
        foreach (var line in _lines)
        {
            text.AppendLine(line);
        }

        return text.ToString();
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_lines)
            {
                _lines.Enqueue(line);
                if (_lines.Count > Lines)
                {
                    _lines.Dequeue();
                }
            }
        }
    }
}

using System.Globalization;
using VmHarness.Records;

namespace VmHarness.Guest;

/// <summary>Writes the journal, line by line through to the host.</summary>
internal sealed class JournalWriter : IDisposable
{
    private readonly Layout _layout;
    private readonly HashSet<string> _known = [];
    private readonly StreamWriter _file;
    private readonly string? _interrupted;

    public JournalWriter(Layout layout)
    {
        _layout = layout;
        if (File.Exists(layout.Journal))
        {
            foreach (var line in File.ReadLines(layout.Journal).Select(Line.FromJson))
            {
                _known.Add(line.Case);
                _interrupted = line.Finished ? null : line.Case;
            }
        }

        _file = new StreamWriter(layout.Journal, append: true) { AutoFlush = true };
    }

    public bool Knows(string testCase) => _known.Contains(testCase);

    /// <summary>Says of the case that was running when a process before this one ended what the supervisor has seen.</summary>
    public void EndInterrupted()
    {
        if (_interrupted is null)
        {
            return;
        }

        var verdict = File.Exists(_layout.Verdict) ? File.ReadAllText(_layout.Verdict) : "The process was gone.\n";
        var reason = verdict.Split('\n')[0];
        Write(new Line(_interrupted, TestRecord.Failure(_interrupted, reason, verdict), Finished: true));
    }

    public void Start(string testCase, TimeSpan limit)
    {
        File.WriteAllText(_layout.Deadline,
            (Uptime() + limit).TotalSeconds.ToString("F0", CultureInfo.InvariantCulture) + "\n");
        Write(new Line(testCase, null, Finished: false));
    }

    public void Write(Line line) => _file.Write(line.ToJson() + "\n");

    public void Dispose() => _file.Dispose();

    private static TimeSpan Uptime() => TimeSpan.FromMilliseconds(Environment.TickCount64);
}

using System.Diagnostics.Tracing;

namespace LibMultipath.Diagnostics;

/// <summary>The event source. Ids, names and payloads of events are kept: tools have them written down.</summary>
[EventSource(Name = MpathDiagnostics.EventSourceName)]
internal sealed class MpathEventSource : EventSource
{
    private readonly Lock _lock = new();
    private HeadEvents[] _heads = [];

    private MpathEventSource()
    {
    }

    public static MpathEventSource Log { get; } = new();

    [Event(1, Level = EventLevel.Verbose, Keywords = Keywords.Io)]
    public void IoSubmitted(string head, string operation, long sector, long bytes) => WriteEvent(1, head, operation, sector, bytes);

    [Event(2, Level = EventLevel.Verbose, Keywords = Keywords.Io)]
    public void IoRemapped(string head, string path, string operation, long sector, long bytes) =>
        WriteEvent(2, head, path, operation, sector, bytes);

    [Event(3, Level = EventLevel.Verbose, Keywords = Keywords.Io)]
    public void IoEnded(string head, string operation, long sector, long bytes, string status) =>
        WriteEvent(3, head, operation, sector, bytes, status);

    [Event(4, Level = EventLevel.Warning, Keywords = Keywords.Errors)]
    public void AttemptFailed(string head, string path, string operation, long sector, long bytes, string outcome, string status) =>
        WriteEvent(4, head, path, operation, sector, bytes, outcome, status);

    [Event(5, Level = EventLevel.Warning, Keywords = Keywords.Errors)]
    public void FailedOver(string head, string path, string operation, long sector, long bytes, string status) =>
        WriteEvent(5, head, path, operation, sector, bytes, status);

    [Event(6, Level = EventLevel.Informational, Keywords = Keywords.Errors)]
    public void IoRequeued(string head, string operation, long sector, long bytes) => WriteEvent(6, head, operation, sector, bytes);

    [Event(7, Level = EventLevel.Informational, Keywords = Keywords.Paths)]
    public void PathStateChanged(string head, string path, int accessState, bool usable) =>
        WriteEvent(7, head, path, accessState, usable);

    [Event(8, Level = EventLevel.Informational, Keywords = Keywords.Paths)]
    public void CurrentPathChanged(string head, int node, string oldPath, string newPath) =>
        WriteEvent(8, head, node, oldPath, newPath);

    [Event(9, Level = EventLevel.Informational, Keywords = Keywords.Heads)]
    public void PolicyChanged(string head, string oldPolicy, string newPolicy) => WriteEvent(9, head, oldPolicy, newPolicy);

    [Event(10, Level = EventLevel.Warning, Keywords = Keywords.Heads)]
    public void RemovalScheduled(string head, long seconds) => WriteEvent(10, head, seconds);

    [Event(11, Level = EventLevel.Informational, Keywords = Keywords.Heads)]
    public void RemovalCancelled(string head) => WriteEvent(11, head);

    [NonEvent]
    public void Add(HeadEvents head)
    {
        lock (_lock)
        {
            _heads = [.. _heads, head];
        }
    }

    [NonEvent]
    public void Remove(HeadEvents head)
    {
        lock (_lock)
        {
            _heads = [.. _heads.Where(other => other != head)];
        }
    }

    // Of any command: one that disables something still finds it enabled, and adds nothing.
    protected override void OnEventCommand(EventCommandEventArgs command)
    {
        HeadEvents[] heads;
        lock (_lock)
        {
            heads = _heads;
        }

        Array.ForEach(heads, static head => head.AttachWanted());
    }

    /// <summary>What can be asked for.</summary>
    public static class Keywords
    {
        /// <summary>Every I/O.</summary>
        public const EventKeywords Io = (EventKeywords)1;

        /// <summary>I/O that fails on a path, and what becomes of it.</summary>
        public const EventKeywords Errors = (EventKeywords)2;

        /// <summary>Which paths can be used, and are.</summary>
        public const EventKeywords Paths = (EventKeywords)4;

        /// <summary>What happens to a head as a whole.</summary>
        public const EventKeywords Heads = (EventKeywords)8;
    }
}

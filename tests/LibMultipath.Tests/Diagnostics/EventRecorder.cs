using System.Diagnostics.Tracing;
using System.Globalization;
using LibMultipath.Diagnostics;

namespace LibMultipath.Tests.Diagnostics;

/// <summary>Listens to the event source, and keeps what is told of one head.</summary>
internal sealed class EventRecorder(string head) : EventListener
{
    private readonly Lock _lock = new();
    private readonly List<EventWrittenEventArgs> _events = [];

    /// <summary>Called for every event.</summary>
    public Action<EventWrittenEventArgs>? OnEvent { get; set; }

    /// <summary>What was told, as its name and its payload.</summary>
    public IReadOnlyList<string> Told
    {
        get
        {
            lock (_lock)
            {
                return [.. _events.Select(Describe)];
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _events.Count;
            }
        }
    }

    public void Enable(EventLevel level, EventKeywords keywords) => EnableEvents(MpathEventSource.Log, level, keywords);

    public void Disable() => DisableEvents(MpathEventSource.Log);

    public void Clear()
    {
        lock (_lock)
        {
            _events.Clear();
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs told)
    {
        if (told.EventSource.Name == MpathDiagnostics.EventSourceName && told.Payload is [string name, ..] && name == head)
        {
            lock (_lock)
            {
                _events.Add(told);
            }

            OnEvent?.Invoke(told);
        }
    }

    private static string Describe(EventWrittenEventArgs told) => string.Join(' ',
        [told.EventName, .. told.PayloadNames!.Zip(told.Payload!, (name, value) => string.Create(CultureInfo.InvariantCulture, $"{name}={value}")).Skip(1)]);
}

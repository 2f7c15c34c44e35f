using System.Diagnostics;

namespace Mpathd.Output;

/// <summary>How fast named counters go up, from one look to the next.</summary>
internal sealed class RateMeter
{
    private Dictionary<string, long> _last = [];
    private Dictionary<string, long> _now = [];
    private long _lastLook = Stopwatch.GetTimestamp();
    private double _seconds;

    /// <summary>Begins another look; counters that were not in the last one start anew.</summary>
    public void BeginLook()
    {
        long now = Stopwatch.GetTimestamp();
        _seconds = Stopwatch.GetElapsedTime(_lastLook, now).TotalSeconds;
        _lastLook = now;
        (_last, _now) = (_now, _last);
        _now.Clear();
    }

    /// <summary>How fast a counter went up since the last look, a second.</summary>
    public double RateOf(string name, long count)
    {
        _now[name] = count;
        return _last.TryGetValue(name, out long last) && _seconds > 0 ? Math.Max(0, (count - last) / _seconds) : 0;
    }
}

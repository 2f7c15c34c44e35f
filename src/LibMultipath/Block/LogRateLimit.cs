using System.Diagnostics;

namespace LibMultipath.Block;

/// <summary>
/// Lets ten messages through in five seconds and counts the rest, as the kernel's <c>printk_ratelimited</c> does, so
/// that a disk whose every I/O fails does not drown its log. Any thread may use it.
/// </summary>
public sealed class LogRateLimit
{
    private const int Burst = 10;

    private static readonly long s_interval = 5 * Stopwatch.Frequency;

    private readonly Lock _lock = new();
    private long _windowStart;
    private int _printed;
    private int _suppressed;

    /// <summary>Whether a message may be written now.</summary>
    /// <param name="suppressed">How many were not written since the last one that was.</param>
    public bool TryTake(out int suppressed)
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            if (_windowStart == 0 || now - _windowStart >= s_interval)
            {
                _windowStart = now;
                _printed = 0;
            }

            if (_printed >= Burst)
            {
                _suppressed++;
                suppressed = 0;
                return false;
            }

            _printed++;
            suppressed = _suppressed;
            _suppressed = 0;
            return true;
        }
    }
}

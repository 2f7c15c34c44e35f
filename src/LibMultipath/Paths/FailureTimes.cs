namespace LibMultipath.Paths;

/// <summary>
/// How long is waited for what does not work, as hosts of NVMe over fabrics have it. A time that is null is not given
/// here: a controller takes it from the head of its first path, and what that does not give is that of <see cref="Default"/>.
/// </summary>
public sealed record FailureTimes
{
    /// <summary>The longest time, 4,294,967 seconds: what a timer can take.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(DelayedRemoval.MaxSeconds);

    /// <summary>What NVMe hosts wait: 10 seconds between attempts, 600 for all of them; no fast-fail.</summary>
    public static FailureTimes Default { get; } = new()
    {
        ReconnectDelay = TimeSpan.FromSeconds(10),
        FastIoFail = Timeout.InfiniteTimeSpan,
        Loss = TimeSpan.FromSeconds(600),
    };

    /// <summary>
    /// The most that is waited between two attempts to connect (<c>reconnect_delay</c>): from a millisecond to <see cref="Longest"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is something else.</exception>
    public TimeSpan? ReconnectDelay
    {
        get;
        init
        {
            if (value is { } time && (time < TimeSpan.FromMilliseconds(1) || time > Longest))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(ReconnectDelay), time, $"Give a time from a millisecond to {DelayedRemoval.MaxSeconds} seconds; attempts to connect always have a delay.");
            }

            field = value;
        }
    }

    /// <summary>
    /// How long I/O waits for what may come back (<c>fast_io_fail_tmo</c>): from 0 to <see cref="Longest"/>, or
    /// <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is something else.</exception>
    public TimeSpan? FastIoFail
    {
        get;
        init
        {
            ThrowIfWrong(value, nameof(FastIoFail));
            field = value;
        }
    }

    /// <summary>
    /// How long after the loss of a connection it is given up (<c>ctrl_loss_tmo</c>): from 0 (no attempt is made) to
    /// <see cref="Longest"/>, or <see cref="Timeout.InfiniteTimeSpan"/> for never.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is something else.</exception>
    public TimeSpan? Loss
    {
        get;
        init
        {
            ThrowIfWrong(value, nameof(Loss));
            field = value;
        }
    }

    /// <summary>These times, and where one is not given, that of others.</summary>
    internal FailureTimes Over(FailureTimes others) => new()
    {
        ReconnectDelay = ReconnectDelay ?? others.ReconnectDelay,
        FastIoFail = FastIoFail ?? others.FastIoFail,
        Loss = Loss ?? others.Loss,
    };

    /// <summary>How much of a time is left; zero when it is over, null when it never is.</summary>
    internal static TimeSpan? Left(TimeSpan? time, TimeSpan elapsed) =>
        time is not { } limit || limit == Timeout.InfiniteTimeSpan ? null
        : limit > elapsed ? limit - elapsed
        : TimeSpan.Zero;

    private static void ThrowIfWrong(TimeSpan? value, string name)
    {
        if (value is { } time && time != Timeout.InfiniteTimeSpan && (time < TimeSpan.Zero || time > Longest))
        {
            throw new ArgumentOutOfRangeException(
                name, time, $"Give a time from 0 to {DelayedRemoval.MaxSeconds} seconds, or {nameof(Timeout)}.{nameof(Timeout.InfiniteTimeSpan)} to switch it off.");
        }
    }
}

using System.Diagnostics;

namespace LibMultipath.Ublk.Control;

/// <summary>When a wait in the kernel has to be over, by the machine's own clock.</summary>
internal readonly struct Deadline
{
    private readonly long _start;

    public Deadline(TimeSpan length)
    {
        if (length < TimeSpan.Zero && length != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "A timeout is not negative.");
        }

        Length = length;
        _start = Stopwatch.GetTimestamp();
    }

    public TimeSpan Length { get; }

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>What is left, at least zero; <see cref="Timeout.InfiniteTimeSpan"/> if it never ends.</summary>
    public TimeSpan Left => Length == Timeout.InfiniteTimeSpan ? Length
        : Length - Elapsed is { Ticks: > 0 } left ? left
        : TimeSpan.Zero;

    public bool IsOver => Left == TimeSpan.Zero;

    /// <summary>Waits a little before something is tried again; not past the end.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Pause(ref int pause, CancellationToken cancellation)
    {
        pause = Math.Clamp(pause * 2, 1, 50);
        TimeSpan left = Left;
        cancellation.WaitHandle.WaitOne(left == Timeout.InfiniteTimeSpan ? pause : (int)Math.Clamp(left.TotalMilliseconds, 1, pause));
        cancellation.ThrowIfCancellationRequested();
    }
}

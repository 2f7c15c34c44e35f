namespace LibMultipath.Paths;

/// <summary>How long I/O takes on a path: see <see cref="MpathDevice.Latency"/>.</summary>
/// <param name="Smoothed">
/// In nanoseconds, 0 before the first measurement. Each one moves it by an eighth of the difference.
/// </param>
/// <param name="Samples">How many measurements there were, about: of two at once, one may be missing.</param>
/// <param name="LastMeasured">When the last one was, in milliseconds as <see cref="Environment.TickCount64"/>.</param>
public readonly record struct PathLatency(long Smoothed, long Samples, long LastMeasured);

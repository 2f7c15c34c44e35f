using LibMultipath.Paths;

namespace LibMultipath.Diagnostics;

/// <summary>
/// Shows heads in the meter <c>LibMultipath</c>. A head that nobody has attached is not shown, and pays nothing. One
/// that is attached pays a call at four places an I/O; nothing is allocated, and nothing is timed while nobody
/// listens to the latency histograms.
/// </summary>
/// <remarks>
/// <para>Instruments, each with the tag <c>mpath.head</c>: <c>mpath.head.io</c>, <c>mpath.head.io.size</c> (by
/// <c>mpath.operation</c>), <c>mpath.head.requeued</c>, <c>mpath.head.failed</c>, <c>mpath.head.failovers</c>,
/// <c>mpath.head.retries</c>, <c>mpath.head.errors</c>, <c>mpath.head.waiting</c>,
/// <c>mpath.head.in_flight</c>, <c>mpath.head.io.duration</c>.</para>
/// <para>With <c>mpath.path</c> too: <c>mpath.path.io</c>, <c>mpath.path.io.size</c> (by <c>mpath.operation</c>),
/// <c>mpath.path.failovers</c>, <c>mpath.path.retries</c>, <c>mpath.path.errors</c>, <c>mpath.path.in_flight</c>,
/// <c>mpath.path.access_state</c>, <c>mpath.path.usable</c>, <c>mpath.path.io.duration</c>.</para>
/// <para>Durations are in seconds, sizes in bytes; the access state is a <see cref="MpathAccessState"/> as a number.</para>
/// </remarks>
public static class MpathDiagnostics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "LibMultipath";

    /// <summary>Shows a head in the meter until the result is disposed.</summary>
    /// <param name="head">The head. Attaching it twice shows it twice.</param>
    /// <returns>Dispose it to stop; that blocks for a grace period of the head.</returns>
    public static IDisposable Attach(MpathHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return new HeadTelemetry(head);
    }
}

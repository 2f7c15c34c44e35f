using LibMultipath.Paths;

namespace LibMultipath.Diagnostics;

/// <summary>
/// Shows heads in a meter, an activity source and an event source, all named <c>LibMultipath</c>. A head that nobody has
/// attached is not shown, and pays nothing. One that is attached pays a call at four places an I/O; nothing is allocated,
/// timed or written while nobody listens.
/// </summary>
/// <remarks>
/// <para><b>Meter.</b> Instruments, each with the tag <c>mpath.head</c>: <c>mpath.head.io</c>, <c>mpath.head.io.size</c> (by
/// <c>mpath.operation</c>), <c>mpath.head.requeued</c>, <c>mpath.head.failed</c>, <c>mpath.head.failovers</c>,
/// <c>mpath.head.retries</c>, <c>mpath.head.errors</c>, <c>mpath.head.waiting</c>,
/// <c>mpath.head.in_flight</c>, <c>mpath.head.io.duration</c>. With <c>mpath.path</c> too: <c>mpath.path.io</c>,
/// <c>mpath.path.io.size</c> (by <c>mpath.operation</c>), <c>mpath.path.failovers</c>, <c>mpath.path.retries</c>,
/// <c>mpath.path.errors</c>, <c>mpath.path.in_flight</c>, <c>mpath.path.access_state</c>, <c>mpath.path.usable</c>,
/// <c>mpath.path.io.duration</c>. Durations are in seconds, sizes in bytes; the access state is a
/// <see cref="MpathAccessState"/> as a number.</para>
/// <para><b>Activities.</b> <c>mpath.io</c>: one for each bio that is submitted, from then to its end, a child of the
/// submitter's current activity. <c>mpath.attempt</c>: one for each time that it, or a part of it, is with a path, a child of
/// that. Tags: <c>mpath.head</c> (which samplers see), <c>mpath.operation</c>, <c>mpath.sector</c> (of 512 bytes),
/// <c>mpath.size</c> (bytes), <c>mpath.status</c> (the kernel's name); of an attempt <c>mpath.path</c> and
/// <c>mpath.outcome</c> too. A status other than <c>BLK_STS_OK</c> is an error. Events of <c>mpath.io</c>:
/// <c>mpath.failover</c>, with <c>mpath.path</c> and <c>mpath.status</c>, and <c>mpath.requeue</c>. Submitters and drivers find
/// neither as their current activity. Whether an I/O is shown is decided when it is submitted.</para>
/// <para><b>Events.</b> With the keyword 1 every I/O (verbose), with 2 what fails on a path, with 4 the paths, with 8 the
/// heads. Their ids are in <c>docs/operations.md</c>.</para>
/// <para>Listeners are called on the threads that submit and end I/O, inside a read section of the head: they must not block
/// there, nor attach or detach this head. What they throw is counted at the hook point (<see cref="Hooks.HookPoint{TArgs}.Faults"/>).</para>
/// </remarks>
public static class MpathDiagnostics
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "LibMultipath";

    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "LibMultipath";

    /// <summary>The name of the event source.</summary>
    public const string EventSourceName = "LibMultipath";

    /// <summary>
    /// Shows a head until the result is disposed. In a program without hook points (the switch
    /// <c>LibMultipath.Hooks.IsSupported</c> is false), the counters of the meter are all that is shown.
    /// </summary>
    /// <param name="head">The head. Attached twice, it is shown once, until both results are disposed.</param>
    /// <returns>
    /// Dispose it to stop; that blocks for grace periods of the head. I/O that is under way then has no end in activities.
    /// </returns>
    public static IDisposable Attach(MpathHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return ShownHeads.Attach(head);
    }
}

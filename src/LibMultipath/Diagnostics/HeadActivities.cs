using System.Diagnostics;
using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;

namespace LibMultipath.Diagnostics;

/// <summary>
/// The activities of a head's I/O: one for each bio that is submitted, a child of the submitter's current one, and one for
/// each attempt at it or at its parts, a child of that. Called at the head's hook points.
/// </summary>
/// <remarks>
/// <para><b>Cost.</b> While nobody listens, one check a point. An I/O that is sampled out has no attempts, and allocates
/// nothing (but for the id that the runtime makes up for the sampler where no activity is current).</para>
/// <para><b>Life.</b> Whether an I/O is shown is decided once, when it is submitted: a listener that comes in the middle of it
/// sees nothing of it, one that goes does not keep it from ending. What is under way when the head is not watched any more is
/// never stopped, and shown to nobody. The points at which an I/O ends have to be attached before, and detached after, those
/// at which it begins.</para>
/// <para><b>Threads.</b> A bio's trace is touched only by who has the bio.</para>
/// </remarks>
internal sealed class HeadActivities
{
    private static readonly ActivitySource s_source =
        new(MpathDiagnostics.ActivitySourceName, typeof(HeadActivities).Assembly.GetName().Version?.ToString(3));

    // Passed when an activity is made, so that a sampler can tell heads apart and nothing is allocated for it.
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly IoTrace _sampledOut;
    private bool _retired;

    public HeadActivities(MpathHead head)
    {
        _tags = [new KeyValuePair<string, object?>(DiagnosticTags.Head, head.Name)];
        _sampledOut = new IoTrace(this, null);
    }

    /// <summary>Begins no more. Somebody else may watch the head from now on, while calls of this one run out.</summary>
    public void Retire() => Volatile.Write(ref _retired, true);

    public void OnTaken(Bio bio)
    {
        if (s_source.HasListeners())
        {
            Begin(bio, again: true);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnSubmitted(Bio bio)
    {
        if (s_source.HasListeners())
        {
            Begin(bio, again: false);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnRemapped(Bio bio, MpathIo io, MpathDevice path)
    {
        if (io.Trace is not null)
        {
            BeginAttempt(bio, path);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnAttemptEnded(Bio bio, MpathIo io, AttemptOutcome outcome, BlockStatus status)
    {
        if (io.Trace is not null)
        {
            EndAttempt(bio, outcome, status);
        }
    }

    public void OnFailedOver(Bio bio, MpathDevice path, BlockStatus status)
    {
        if (TraceOf(bio) is { } trace)
        {
            AddEvent(trace, "mpath.failover", new ActivityTagsCollection
            {
                { DiagnosticTags.Path, path.Name },
                { DiagnosticTags.Status, status.ToKernelName() },
            });
        }
    }

    public void OnRequeued(Bio bio)
    {
        if (TraceOf(bio) is { } trace)
        {
            AddEvent(trace, "mpath.requeue", null);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnEnded(Bio bio, MpathIo io, BlockStatus status)
    {
        if (io.Trace is not null)
        {
            End(bio, io, status);
        }
    }

    private IoTrace? TraceOf(Bio bio) => bio.StackData is MpathIo { Trace: IoTrace trace } && trace.Owner == this ? trace : null;

    /// <summary>Begins the activity of a bio, or nothing if that was done when it was taken.</summary>
    /// <param name="bio">The bio.</param>
    /// <param name="again">Whether this may be called again for the same submission.</param>
    private void Begin(Bio bio, bool again)
    {
        if (Volatile.Read(ref _retired) || TraceOf(bio) is not null)
        {
            return;
        }

        MpathIo io = MpathIo.Of(bio);
        if (bio.Parent is { Whole: var whole })
        {
            io.Trace = TraceOf(whole) is { Io: not null } trace ? new IoTrace(trace) : null;
        }
        else if (Start("mpath.io", bio, null) is { } activity)
        {
            io.Trace = new IoTrace(this, activity);
        }
        else
        {
            io.Trace = again ? _sampledOut : null;
        }
    }

    private void BeginAttempt(Bio bio, MpathDevice path)
    {
        if (TraceOf(bio) is { Io: not null } trace)
        {
            trace.Attempt = null;
            using (AmbientActivity.Keep())
            {
                Activity.Current = trace.Io;
                trace.Attempt = Start("mpath.attempt", bio, path);
            }
        }
    }

    private void EndAttempt(Bio bio, AttemptOutcome outcome, BlockStatus status)
    {
        if (TraceOf(bio) is { } trace)
        {
            EndAttempt(trace, outcome, status);
        }
    }

    private void End(Bio bio, MpathIo io, BlockStatus status)
    {
        if (TraceOf(bio) is not { } trace)
        {
            return;
        }

        // First: what a listener throws must not leave it to the bio's next life.
        io.Trace = null;

        // One that was not given to its path after all.
        EndAttempt(trace, AttemptOutcome.Done, status);
        if (trace is { Io: { } activity, IsPart: false })
        {
            Stop(activity, status);
        }
    }

    private Activity? Start(string name, Bio bio, MpathDevice? path)
    {
        using (AmbientActivity.Keep())
        {
            Activity? activity = s_source.StartActivity(name, ActivityKind.Internal, parentContext: default, _tags);
            if (activity is { IsAllDataRequested: true })
            {
                activity.SetTag(DiagnosticTags.Operation, DiagnosticTags.NameOf(bio.Op));
                activity.SetTag(DiagnosticTags.Sector, bio.Sector);
                activity.SetTag(DiagnosticTags.Size, bio.Size);
                if (path is not null)
                {
                    activity.SetTag(DiagnosticTags.Path, path.Name);
                }
            }

            return activity;
        }
    }

    private static void EndAttempt(IoTrace trace, AttemptOutcome outcome, BlockStatus status)
    {
        if (trace.Attempt is { } attempt)
        {
            trace.Attempt = null;
            attempt.SetTag(DiagnosticTags.Outcome, DiagnosticTags.NameOf(outcome));
            Stop(attempt, status);
        }
    }

    private static void Stop(Activity activity, BlockStatus status)
    {
        using (AmbientActivity.Keep())
        {
            if (activity.IsAllDataRequested)
            {
                activity.SetTag(DiagnosticTags.Status, status.ToKernelName());
                if (status != BlockStatus.Ok)
                {
                    activity.SetStatus(ActivityStatusCode.Error, status.ToKernelName());
                }
            }

            activity.Stop();
        }
    }

    private static void AddEvent(IoTrace trace, string name, ActivityTagsCollection? tags)
    {
        if (trace.Io is { IsAllDataRequested: true } io)
        {
            lock (trace.Whole)
            {
                io.AddEvent(new ActivityEvent(name, tags: tags));
            }
        }
    }
}

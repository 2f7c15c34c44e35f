using System.Collections.Concurrent;
using System.Diagnostics;
using LibMultipath.Diagnostics;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Torture;

/// <summary>
/// Books of the activities of a head: each ends once, an attempt before its I/O, and no thread is left with one. One I/O in
/// three is taken.
/// </summary>
internal sealed class ActivityLedger : IDisposable
{
    private readonly TortureVerdict _verdict;
    private readonly ConcurrentDictionary<Activity, Activity?> _open = new();
    private readonly IDisposable[] _disposables;
    private long _asked;
    private long _ios;
    private long _attempts;
    private long _failed;

    public ActivityLedger(MpathHead head, TortureVerdict verdict)
    {
        _verdict = verdict;
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MpathDiagnostics.ActivitySourceName,
            Sample = Sample,
            ActivityStarted = OnStarted,
            ActivityStopped = OnStopped,
        };
        ActivitySource.AddActivityListener(listener);
        IDisposable attached = MpathDiagnostics.Attach(head);

        // After it, on the same threads.
        _disposables =
        [
            head.Hooks.BioSubmitted.Attach((scoped in BioSubmittedArgs _) => Look()),
            head.Hooks.BioRemapped.Attach((scoped in BioRemappedArgs _) => Look()),
            head.Hooks.AttemptEnded.Attach((scoped in AttemptEndedArgs _) => Look()),
            head.Hooks.BioEnded.Attach((scoped in BioEndedArgs _) => Look()),
            attached,
            listener,
        ];
    }

    /// <summary>Everything has ended.</summary>
    public void Check()
    {
        if (!_open.IsEmpty)
        {
            _verdict.Fail($"{_open.Count} activities have no end, one of them {_open.Keys.First().OperationName} {_open.Keys.First().GetTagItem("mpath.operation")}.");
        }

        if (_ios == 0 || _attempts < _ios / 2 || _failed == 0)
        {
            _verdict.Fail($"Of activities there were too few: {this}.");
        }
    }

    public void Dispose() => Array.ForEach(_disposables, static each => each.Dispose());

    public override string ToString() => $"{_ios:N0} I/Os of {_asked:N0} asked for, {_attempts:N0} attempts, {_failed:N0} of them failed";

    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options) =>
        options.Name == "mpath.attempt" || Interlocked.Increment(ref _asked) % 3 == 0 ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None;

    private void OnStarted(Activity activity)
    {
        bool isAttempt = activity.OperationName == "mpath.attempt";
        Interlocked.Increment(ref isAttempt ? ref _attempts : ref _ios);
        if (isAttempt != (activity.Parent is { } parent && _open.ContainsKey(parent)))
        {
            _verdict.Fail($"{activity.OperationName} began as a child of {activity.Parent?.OperationName ?? "nothing"}, which is under way or not.");
        }

        _open.TryAdd(activity, activity.Parent);
    }

    private void OnStopped(Activity activity)
    {
        if (activity.OperationName == "mpath.attempt" && activity.Status == ActivityStatusCode.Error)
        {
            Interlocked.Increment(ref _failed);
        }

        if (!_open.TryRemove(activity, out Activity? parent))
        {
            _verdict.Fail($"{activity.OperationName} ended twice.");
        }
        else if (parent is not null && !_open.ContainsKey(parent))
        {
            _verdict.Fail("An attempt ended after its I/O.");
        }
    }

    private void Look()
    {
        if (Activity.Current is { } current)
        {
            _verdict.Fail($"A thread was left with {current.OperationName}.");
        }
    }
}

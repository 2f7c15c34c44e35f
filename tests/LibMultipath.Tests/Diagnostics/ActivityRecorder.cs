using System.Diagnostics;
using LibMultipath.Diagnostics;

namespace LibMultipath.Tests.Diagnostics;

/// <summary>Listens to the activity source, and keeps what was begun and what was ended.</summary>
internal sealed class ActivityRecorder : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Activity> _started = [];
    private readonly List<Activity> _stopped = [];
    private readonly ActivityListener _listener;
    private int _asked;

    public ActivityRecorder(ActivitySamplingResult result = ActivitySamplingResult.AllDataAndRecorded)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == MpathDiagnostics.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
            {
                Interlocked.Increment(ref _asked);
                return result;
            },
            ActivityStarted = activity => Keep(_started, activity),
            ActivityStopped = activity => Keep(_stopped, activity),
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Called when one begins.</summary>
    public Action<Activity>? OnStarted { get; set; }

    /// <summary>Called when one ends.</summary>
    public Action<Activity>? OnStopped { get; set; }

    /// <summary>How often it was asked whether to take an activity.</summary>
    public int Asked => Volatile.Read(ref _asked);

    public IReadOnlyList<Activity> Started => Copy(_started);

    public IReadOnlyList<Activity> Stopped => Copy(_stopped);

    public IReadOnlyList<Activity> Ios => [.. Stopped.Where(activity => activity.OperationName == "mpath.io")];

    public IReadOnlyList<Activity> Attempts => [.. Stopped.Where(activity => activity.OperationName == "mpath.attempt")];

    public void Dispose() => _listener.Dispose();

    private void Keep(List<Activity> list, Activity activity)
    {
        lock (_lock)
        {
            list.Add(activity);
        }

        (ReferenceEquals(list, _started) ? OnStarted : OnStopped)?.Invoke(activity);
    }

    private List<Activity> Copy(List<Activity> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }
}

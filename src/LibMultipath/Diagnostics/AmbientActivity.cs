using System.Diagnostics;

namespace LibMultipath.Diagnostics;

/// <summary>
/// Keeps what the calling thread's current activity is: starting and stopping one sets it, and a thread of a submitter or a
/// driver must not find the activity of an I/O there, nor that of who submitted it. On one thread, disposed there.
/// </summary>
internal readonly ref struct AmbientActivity : IDisposable
{
    // The context as a whole where it can be had: an activity that has ended cannot be made the current one again.
    private readonly ExecutionContext? _context;
    private readonly Activity? _current;

    private AmbientActivity(ExecutionContext? context, Activity? current)
    {
        _context = context;
        _current = current;
    }

    public static AmbientActivity Keep() => new(ExecutionContext.Capture(), Activity.Current);

    public void Dispose()
    {
        if (_context is not null)
        {
            ExecutionContext.Restore(_context);
        }
        else
        {
            Activity.Current = _current is { IsStopped: true } ? null : _current;
        }
    }
}

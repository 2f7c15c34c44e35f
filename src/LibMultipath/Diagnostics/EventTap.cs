using System.Diagnostics.Tracing;
using LibMultipath.Hooks;

namespace LibMultipath.Diagnostics;

/// <summary>What writes one event of a head: attached to its hook point while the event source is enabled for it.</summary>
internal abstract class EventTap
{
    /// <summary>Attaches the handler if it is wanted and not there. Blocks for nothing.</summary>
    public abstract void AttachIfWanted();

    /// <summary>Takes the handler out of use if it is there and not wanted: it writes nothing more.</summary>
    /// <param name="all">Whether it is not, whatever the event source says.</param>
    /// <returns>Detaches it, which waits for calls that run; null if there is nothing to do.</returns>
    public abstract IDisposable? TakeIfUnwanted(bool all);
}

/// <inheritdoc/>
/// <param name="log">The event source.</param>
/// <param name="point">The hook point.</param>
/// <param name="level">The level of the event.</param>
/// <param name="keywords">Its keywords.</param>
/// <param name="write">Writes it.</param>
/// <param name="onUnwanted">Called when the point is passed and nobody wants the event any more: no more than asks for work.</param>
internal sealed class EventTap<TArgs>(
    MpathEventSource log,
    HookPoint<TArgs> point,
    EventLevel level,
    EventKeywords keywords,
    HookHandler<TArgs> write,
    Action onUnwanted) : EventTap
{
    private Attached? _attached;
    private IDisposable? _attachment;

    private bool IsWanted => log.IsEnabled(level, keywords);

    public override void AttachIfWanted()
    {
        if (_attached is null && IsWanted)
        {
            _attached = new Attached();
            _attachment = point.Attach(new Handler(this, _attached));
        }
    }

    public override IDisposable? TakeIfUnwanted(bool all)
    {
        if (_attached is null || (!all && IsWanted))
        {
            return null;
        }

        // It stays in the list until it has been disposed, and another one may come there first: then only that one writes.
        _attached.IsOver = true;
        _attached = null;
        return _attachment;
    }

    private void Write(scoped in TArgs args) => write(in args);

    private void TellUnwanted() => onUnwanted();

    private sealed class Attached
    {
        private bool _isOver;

        public bool IsOver
        {
            get => Volatile.Read(ref _isOver);
            set => Volatile.Write(ref _isOver, value);
        }
    }

    private readonly struct Handler(EventTap<TArgs> tap, Attached attached) : IHookHandler<TArgs>
    {
        public void Invoke(scoped in TArgs args)
        {
            if (attached.IsOver)
            {
                return;
            }

            if (tap.IsWanted)
            {
                tap.Write(in args);
            }
            else
            {
                tap.TellUnwanted();
            }
        }
    }
}

using System.Runtime.CompilerServices;

namespace LibMultipath.Hooks;

/// <summary>
/// A place in the data path where a user can attach (a tracepoint). Nothing attached costs one test; one attached
/// costs one direct call; several are called in the order in which they were attached.
/// </summary>
/// <remarks>
/// Attaching and detaching may be done on any thread, under load. Handlers are called on the thread that got to the
/// point, must not block, and get only the arguments of the point; what they throw is counted and does no harm.
/// </remarks>
/// <typeparam name="TArgs">The arguments of the point.</typeparam>
public sealed class HookPoint<TArgs>
    where TArgs : allows ref struct
{
    private readonly Lock _lock = new();
    private readonly Action _quiesce;

    // One field, replaced as a whole, so that a pass sees one set of handlers: none is lost or called twice while
    // others come and go. Null when nothing is attached.
    private HookHandler<TArgs>[]? _handlers;

    // What the handlers were attached by, in the same order. A handler may be attached twice, and each detaches its own.
    private Attachment[] _attachments = [];
    private long _faults;

    /// <summary>Makes a point with nothing attached.</summary>
    /// <param name="quiesce">
    /// Returns once every call that had begun before has ended: what the owner of the point raises it under.
    /// </param>
    public HookPoint(Action quiesce) => _quiesce = quiesce;

    /// <summary>How many exceptions handlers have thrown.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Whether anything is attached.</summary>
    public bool IsAttached
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _handlers) is not null;
    }

    /// <summary>Attaches a handler, after those that are attached.</summary>
    /// <param name="handler">Called at every pass of the point from now on.</param>
    /// <returns>
    /// Detaches when it is disposed, which blocks until no call of the handler runs; none comes after. It must not be
    /// disposed from inside a handler.
    /// </returns>
    public IDisposable Attach(HookHandler<TArgs> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var attachment = new Attachment(this, handler);
        lock (_lock)
        {
            SetAttachments([.. _attachments, attachment]);
        }

        return attachment;
    }

    /// <summary>Calls what is attached.</summary>
    /// <param name="args">The arguments.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raise(scoped in TArgs args)
    {
        if (Volatile.Read(ref _handlers) is { } handlers)
        {
            Call(handlers, in args);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Call(HookHandler<TArgs>[] handlers, scoped in TArgs args)
    {
        foreach (HookHandler<TArgs> handler in handlers)
        {
            try
            {
                handler(in args);
            }
            catch (Exception)
            {
                Interlocked.Increment(ref _faults);
            }
        }
    }

    private void Detach(Attachment attachment)
    {
        lock (_lock)
        {
            SetAttachments([.. _attachments.Where(other => other != attachment)]);
        }

        _quiesce();
    }

    private void SetAttachments(Attachment[] attachments)
    {
        _attachments = attachments;
        Volatile.Write(ref _handlers, attachments.Length == 0 ? null : [.. attachments.Select(attachment => attachment.Handler)]);
    }

    private sealed class Attachment(HookPoint<TArgs> point, HookHandler<TArgs> handler) : IDisposable
    {
        private HookPoint<TArgs>? _point = point;

        public HookHandler<TArgs> Handler { get; } = handler;

        public void Dispose() => Interlocked.Exchange(ref _point, null)?.Detach(this);
    }
}

using System.Runtime.CompilerServices;

namespace LibMultipath.Hooks;

/// <summary>
/// A place in the data path where a user can attach (a tracepoint). Nothing attached costs one test; one attached
/// costs one direct call; several are called in the order in which they were attached.
/// </summary>
/// <remarks>
/// <para>Attaching and detaching may be done on any thread, under load. Handlers are called on the thread that got to the
/// point, must not block, and get only the arguments of the point; what they throw is counted and does no harm.</para>
/// <para>A program that wants none at all sets the switch <c>LibMultipath.Hooks.IsSupported</c> to false, in its
/// <c>runtimeconfig.json</c> or as <c>RuntimeHostConfigurationOption</c> (with <c>Trim="true"</c>).</para>
/// </remarks>
/// <typeparam name="TArgs">The arguments of the point.</typeparam>
public sealed class HookPoint<TArgs>
    where TArgs : allows ref struct
{
    private readonly Lock _lock = new();
    private readonly Action _quiesce;

    // One field, replaced as a whole, so that a pass sees one set of handlers: none is lost or called twice while
    // others come and go. Null when nothing is attached; the guard of the only one; or what goes through a list of them.
    private HookHandler<TArgs>? _handler;

    // What was attached, in order. A handler may be attached twice, and each detaches its own.
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
        get => HookFeature.IsSupported && Volatile.Read(ref _handler) is not null;
    }

    /// <summary>Attaches a handler, after those that are attached.</summary>
    /// <param name="handler">Called at every pass of the point from now on.</param>
    /// <returns>
    /// Detaches when it is disposed, which blocks until no call of the handler runs; none comes after. It must not be
    /// disposed from inside a handler.
    /// </returns>
    /// <exception cref="NotSupportedException">The program was started without hook points.</exception>
    public IDisposable Attach(HookHandler<TArgs> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Attach(new ByDelegate(handler));
    }

    /// <summary>Attaches a handler, after those that are attached. One call less than with a delegate.</summary>
    /// <typeparam name="THandler">The handler's type; a struct, so that its code is known where it is called.</typeparam>
    /// <param name="handler">Copied; called at every pass of the point from now on.</param>
    /// <returns>As of the other.</returns>
    /// <exception cref="NotSupportedException">The program was started without hook points.</exception>
    public IDisposable Attach<THandler>(THandler handler)
        where THandler : struct, IHookHandler<TArgs>
    {
        if (!HookFeature.IsSupported)
        {
            throw new NotSupportedException($"The switch {HookFeature.Switch} of this program is off; set it to true to attach to hook points.");
        }

        var attachment = new Attachment(this, new Guard<THandler>(this, handler).Call);
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
        if (HookFeature.IsSupported && Volatile.Read(ref _handler) is { } handler)
        {
            handler(in args);
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
        Volatile.Write(ref _handler, attachments switch
        {
            [] => null,
            [var only] => only.Handler,
            _ => new Several([.. attachments.Select(attachment => attachment.Handler)]).Call,
        });
    }

    private readonly struct ByDelegate(HookHandler<TArgs> handler) : IHookHandler<TArgs>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Invoke(scoped in TArgs args) => handler(in args);
    }

    /// <summary>Keeps what a handler throws from the data path, and from the other handlers.</summary>
    private sealed class Guard<THandler>(HookPoint<TArgs> point, THandler handler)
        where THandler : struct, IHookHandler<TArgs>
    {
        public void Call(scoped in TArgs args)
        {
            try
            {
                handler.Invoke(in args);
            }
            catch (Exception)
            {
                Interlocked.Increment(ref point._faults);
            }
        }
    }

    private sealed class Several(HookHandler<TArgs>[] handlers)
    {
        public void Call(scoped in TArgs args)
        {
            foreach (HookHandler<TArgs> handler in handlers)
            {
                handler(in args);
            }
        }
    }

    private sealed class Attachment(HookPoint<TArgs> point, HookHandler<TArgs> handler) : IDisposable
    {
        private HookPoint<TArgs>? _point = point;

        public HookHandler<TArgs> Handler { get; } = handler;

        public void Dispose() => Interlocked.Exchange(ref _point, null)?.Detach(this);
    }
}

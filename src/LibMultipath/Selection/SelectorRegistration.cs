using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// A selector that was attached. Disposing it detaches: when that has returned, nothing of the selector is called or will be,
/// and I/O has gone on all the time.
/// </summary>
/// <remarks>All members may be used on any thread, but not from inside the selector: they wait for it.</remarks>
public sealed class SelectorRegistration : IDisposable
{
    private readonly Lock _lock = new();
    private readonly MpathSelectors _selectors;
    private readonly SelectorTarget _target;
    private readonly SelectorOptions _options;
    private Attachment _attachment;
    private bool _isAttached;

    internal SelectorRegistration(MpathSelectors selectors, SelectorTarget target, IMpathSelector selector, SelectorOptions options)
    {
        _selectors = selectors;
        _target = target;
        _options = options;
        _attachment = new Attachment(this, selector);
    }

    /// <summary>The id that it is known by.</summary>
    public Guid Id => _options.Id;

    /// <summary>The selector's name.</summary>
    public string Name => Volatile.Read(ref _attachment).Session.Name;

    /// <summary>What it is attached to: the name of a head, or the NQN of a subsystem.</summary>
    public string Target => _target.Name;

    /// <summary>
    /// Whether it selects. No more after it was disposed, after too many faults, and when its head is gone.
    /// </summary>
    public bool IsAttached => Volatile.Read(ref _isAttached) && !Volatile.Read(ref _attachment).Session.IsEnded;

    /// <summary>What the selector has done, since it was attached or took another one's place.</summary>
    public SelectorStatistics Statistics => Volatile.Read(ref _attachment).Session.Statistics;

    /// <summary>
    /// Lets another selector take the place of this one. Blocks for a grace period; then the old one is not called any more.
    /// </summary>
    /// <param name="selector">The other one.</param>
    /// <exception cref="ObjectDisposedException">It is not attached any more. Nothing has changed.</exception>
    public void Replace(IMpathSelector selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        lock (_lock)
        {
            var attachment = new Attachment(this, selector);
            Attachment old = _attachment;
            ObjectDisposedException.ThrowIf(!IsAttached || !_target.TryExchange(old, attachment), this);
            Volatile.Write(ref _attachment, attachment);

            // Before the wait: what is told of I/O looks at this, inside of a read section.
            old.Session.End();
            _target.WaitForSelections();
        }
    }

    /// <summary>Detaches. A second call does nothing but wait for the first.</summary>
    public void Dispose() => Detach(null);

    /// <summary>Attaches it; false if the target has one already.</summary>
    internal bool TryAttach()
    {
        lock (_lock)
        {
            return _isAttached = _target.TryExchange(null, _attachment);
        }
    }

    private void Detach(Attachment? ifThis)
    {
        lock (_lock)
        {
            // Another one may have taken the place of the one that has made too many faults.
            if (!_isAttached || (ifThis is not null && !ReferenceEquals(ifThis, _attachment)))
            {
                return;
            }

            // First, so that those who tell of I/O that was begun before do not call it any more either.
            _attachment.Session.End();
            _target.TryExchange(_attachment, null);
            _target.WaitForSelections();
            Volatile.Write(ref _isAttached, false);
        }

        _selectors.Forget(this);
    }

    private void OnHeadGone()
    {
        // Without the lock, whose owner may wait for the head: nothing is left to exchange.
        Volatile.Read(ref _attachment).Session.End();
        Volatile.Write(ref _isAttached, false);
        _selectors.Forget(this);
    }

    private sealed class Attachment : SelectorAttachment
    {
        private readonly SelectorRegistration _owner;

        public Attachment(SelectorRegistration owner, IMpathSelector selector)
        {
            _owner = owner;
            Session = new SelectorSession(selector, owner._options, () => owner.Detach(this));
        }

        public SelectorSession Session { get; }

        public override PathSelector Over(PathSelector policy) => new UserSelector(Session, policy);

        public override void OnHeadGone() => _owner.OnHeadGone();
    }
}

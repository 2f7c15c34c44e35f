using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// Attaches selectors that users write to heads that run: to one, or to all of a subsystem, the future ones included. A
/// head's own selector goes before that of its subsystem, and both before the policy, which decides what they get wrong.
/// </summary>
/// <remarks>All members may be used on any thread.</remarks>
public sealed class MpathSelectors
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, MpathSubsystem> _subsystems = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, SelectorRegistration> _registrations = [];

    /// <summary>What is attached now.</summary>
    public IReadOnlyList<SelectorRegistration> Registrations
    {
        get
        {
            lock (_lock)
            {
                return [.. _registrations.Values.Where(registration => registration.IsAttached)];
            }
        }
    }

    /// <summary>From now on the subsystem is found by its NQN.</summary>
    /// <param name="subsystem">The subsystem.</param>
    /// <exception cref="ArgumentException">Another one has that NQN. Nothing has changed.</exception>
    public void Add(MpathSubsystem subsystem)
    {
        ArgumentNullException.ThrowIfNull(subsystem);
        lock (_lock)
        {
            if (!_subsystems.TryAdd(subsystem.Nqn, subsystem))
            {
                throw new ArgumentException($"There is a subsystem {subsystem.Nqn} already.", nameof(subsystem));
            }
        }
    }

    /// <summary>The subsystem is not found any more. What is attached to it stays.</summary>
    /// <param name="subsystem">The subsystem.</param>
    /// <returns>Whether it was found until now.</returns>
    public bool Remove(MpathSubsystem subsystem)
    {
        ArgumentNullException.ThrowIfNull(subsystem);
        lock (_lock)
        {
            return _subsystems.TryGetValue(subsystem.Nqn, out MpathSubsystem? known) && ReferenceEquals(known, subsystem)
                && _subsystems.Remove(subsystem.Nqn);
        }
    }

    /// <summary>Attaches a selector to one head of a subsystem, or to all of them. I/O is chosen for by it at once.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="nqn">The NQN of the subsystem.</param>
    /// <param name="namespaceId">The namespace id of the head; null for all heads, those to come included.</param>
    /// <param name="options">Its budget and its id; null for the defaults.</param>
    /// <returns>Detaches it when it is disposed.</returns>
    /// <exception cref="BlockException">
    /// There is no such subsystem (ENODEV) or no such head (ENXIO); it has a selector already (EBUSY); the id is in use
    /// (EEXIST). Nothing has changed.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of the options cannot be meant.</exception>
    public SelectorRegistration Register(IMpathSelector selector, string nqn, uint? namespaceId, SelectorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(selector);
        ArgumentNullException.ThrowIfNull(nqn);
        MpathSubsystem? subsystem;
        lock (_lock)
        {
            _subsystems.TryGetValue(nqn, out subsystem);
        }

        if (subsystem is null)
        {
            throw new BlockException(Errno.ENODEV, $"There is no subsystem '{nqn}'.");
        }

        if (namespaceId is not { } id)
        {
            return Register(selector, new SelectorTarget.All(subsystem), options);
        }

        if (subsystem.TryGetHead(id) is not { } head)
        {
            throw new BlockException(Errno.ENXIO, $"{nqn} has no head with the namespace id {id}.");
        }

        // As long as it is being attached the head must not go, or its end would be missed.
        try
        {
            return Register(selector, head, options);
        }
        finally
        {
            head.Put();
        }
    }

    /// <summary>Attaches a selector to a head.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="head">The head.</param>
    /// <param name="options">Its budget and its id; null for the defaults.</param>
    /// <returns>Detaches it when it is disposed.</returns>
    /// <exception cref="BlockException">
    /// The head has a selector already (EBUSY), or is gone (ENXIO); the id is in use (EEXIST). Nothing has changed.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A number of the options cannot be meant.</exception>
    public SelectorRegistration Register(IMpathSelector selector, MpathHead head, SelectorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(selector);
        ArgumentNullException.ThrowIfNull(head);
        if (!head.TryGet())
        {
            throw new BlockException(Errno.ENXIO, $"{head.Name} is gone.");
        }

        try
        {
            return Register(selector, new SelectorTarget.One(head), options);
        }
        finally
        {
            head.Put();
        }
    }

    internal void Forget(SelectorRegistration registration)
    {
        lock (_lock)
        {
            _registrations.Remove(registration.Id);
        }
    }

    private SelectorRegistration Register(IMpathSelector selector, SelectorTarget target, SelectorOptions? options)
    {
        options ??= new SelectorOptions();
        options.Validate();
        if (options.Id == Guid.Empty)
        {
            options = options with { Id = Guid.NewGuid() };
        }

        var registration = new SelectorRegistration(this, target, selector, options);
        lock (_lock)
        {
            if (!_registrations.TryAdd(registration.Id, registration))
            {
                throw new BlockException(Errno.EEXIST, $"There is a selector with the id {registration.Id} already.");
            }
        }

        if (!registration.TryAttach())
        {
            Forget(registration);
            throw new BlockException(Errno.EBUSY, $"{target.Name} has a selector already; detach it first, or replace it.");
        }

        return registration;
    }
}

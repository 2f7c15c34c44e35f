using LibMultipath.Hooks;
using LibMultipath.Reclamation;
using LibMultipath.Topology;
using LibMultipath.Work;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Paths;

/// <summary>
/// The set of paths to one namespace or LUN (the proposal's <c>struct mpath_head</c>, nvme's <c>nvme_ns_head</c>).
/// The disk in front of it is a <c>LibMultipath.Disk.MpathDisk</c>, with a lifetime of its own: it can be removed while
/// the head stays, and another be put on it.
/// </summary>
/// <remarks>
/// <para><b>Lifetime.</b> References are counted: the maker's (given back with <see cref="Dispose"/>), one of each
/// path, one of each disk. With the last one the head is gone. <see cref="TryGet"/> and <see cref="Put"/> are for
/// whoever else keeps it.</para>
/// <para><b>Threads.</b> All members may be used on any thread. Readers of the path list are in read sections of
/// <see cref="SrcuDomain"/> and take no lock; changes are made one after the other.</para>
/// </remarks>
public sealed partial class MpathHead : IDisposable
{
    private int _references = 1;
    private int _disposed;

    /// <summary>Makes a head without paths.</summary>
    /// <param name="name">What people call it.</param>
    /// <param name="template">The driver's part.</param>
    /// <param name="options">What it takes from its surroundings; null for the defaults.</param>
    /// <exception cref="ArgumentException">The template's policy is not one that the template allows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The removal delay is too long.</exception>
    public MpathHead(string name, IMpathHeadTemplate template, MpathHeadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(template);
        options ??= new MpathHeadOptions();
        ArgumentNullException.ThrowIfNull(options.FailureTimes, $"{nameof(options)}.{nameof(options.FailureTimes)}");
        Name = name;
        Template = template;
        Policy = template.Policy;
        Topology = options.Topology ?? SystemNumaTopology.Current;
        TimeProvider = options.TimeProvider ?? TimeProvider.System;
        Scheduler = options.Scheduler ?? WorkScheduler.Default;
        Logger = options.Logger ?? NullLogger.Instance;
        DriverData = options.DriverData;
        Srcu = new SrcuDomain(Logger);
        Hooks = new MpathHooks(WaitForReaders);
        _current = new CurrentPath[Math.Max(1, Topology.NodeCount)];
        _removal = new DelayedRemoval(this, options.DelayedRemovalSecs);
        _failureTimes = options.FailureTimes;
        _fastFail = new FastFail(this);
        Policy.AddHead(this);
        try
        {
            UpdateSelector();
        }
        catch
        {
            Policy.RemoveHead(this);
            throw;
        }
    }

    /// <summary>What people call it.</summary>
    public string Name { get; }

    /// <summary>The driver's part.</summary>
    public IMpathHeadTemplate Template { get; }

    /// <summary>How paths are selected. Heads of one subsystem share the object.</summary>
    public MpathIoPolicy Policy { get; }

    /// <summary>The places where a user can attach.</summary>
    public MpathHooks Hooks { get; }

    /// <summary>Something of the driver's.</summary>
    public object? DriverData { get; set; }

    /// <summary>The subsystem it belongs to, if any.</summary>
    public MpathSubsystem? Subsystem { get; internal init; }

    /// <summary>Its id within the subsystem (<c>nsid</c>); 0 without one.</summary>
    public uint NamespaceId { get; internal init; }

    /// <summary>
    /// Something has changed, of this path if it is of one. Raised on the thread that changed it, when the change can be seen,
    /// outside of locks and read sections. A handler must not throw.
    /// </summary>
    internal event Action<HeadChange, MpathDevice?>? Changed;

    /// <summary>Protects the readers of the path list.</summary>
    internal SrcuDomain Srcu { get; }

    internal INumaTopology Topology { get; }

    internal TimeProvider TimeProvider { get; }

    internal IWorkScheduler Scheduler { get; }

    internal ILogger Logger { get; }

    /// <summary>Takes a reference; false if the head is gone.</summary>
    public bool TryGet()
    {
        int seen = Volatile.Read(ref _references);
        while (seen > 0)
        {
            int was = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (was == seen)
            {
                return true;
            }

            seen = was;
        }

        return false;
    }

    /// <summary>Gives a reference back. The last one frees the head; that blocks for a grace period.</summary>
    /// <exception cref="InvalidOperationException">More references are given back than were taken.</exception>
    public void Put()
    {
        int left = Interlocked.Decrement(ref _references);
        if (left < 0)
        {
            Interlocked.Increment(ref _references);
            throw new InvalidOperationException($"A reference to {Name} was put that was never got.");
        }

        if (left == 0)
        {
            Free();
        }
    }

    /// <summary>Gives the maker's reference back. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Put();
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({PathList.Length} paths, {Policy})";

    /// <summary>Calls what is attached to a hook point, inside a read section: whoever detaches waits for those.</summary>
    internal void Raise<TArgs>(HookPoint<TArgs> point, scoped in TArgs args)
    {
        using (Srcu.Enter())
        {
            point.Raise(in args);
        }
    }

    internal void Tell(HeadChange change, MpathDevice? path = null) => Changed?.Invoke(change, path);

    // Nobody has a reference: no path, no disk, no reader. What was deferred is waited for, so nothing runs after.
    private void Free()
    {
        Subsystem?.Forget(this);
        Policy.RemoveHead(this);
        _removal.Free();
        _fastFail.Free();
        Srcu.Dispose();
        EndOwnSelector();
        Subsystem?.Release(this);
    }

    /// <summary>Waits for the sections there are. Of a head that is gone too, whose last sections may not have ended yet.</summary>
    private void WaitForReaders()
    {
        if (!TryGet())
        {
            Srcu.Dispose();
            return;
        }

        Srcu.Synchronize();
        Put();
    }
}

using System.Runtime.ExceptionServices;
using BdevDriver;
using LibMultipath.Nbd.Client;
using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>A path of the daemon's: what the head sees of it, and how it is made to fail and work again.</summary>
internal class ManagedPath
{
    private readonly Action _drop;
    private readonly Action _fail;
    private readonly Action _restore;
    private readonly Action<long>? _resize;
    private ExceptionDispatchInfo? _fault;

    /// <summary>Makes one from a path that was added to a head.</summary>
    /// <param name="device">The path.</param>
    /// <param name="drop">
    /// Makes its driver close the descriptor, so that I/O that it has comes back as failed. It is called inside a read
    /// section, with the path set down already, and does not block, nor wait for anybody who may.
    /// </param>
    /// <param name="fail">Makes its driver fail it, if it has not.</param>
    /// <param name="restore">Makes its driver open it again and set it live.</param>
    /// <param name="resize">Makes its driver take another capacity, in sectors; null if it cannot.</param>
    public ManagedPath(MpathDevice device, Action drop, Action fail, Action restore, Action<long>? resize = null)
    {
        _resize = resize;
        Device = device;
        _drop = drop;
        _fail = fail;
        _restore = restore;
    }

    /// <summary>Takes the place of another one, which is not used any more.</summary>
    protected ManagedPath(ManagedPath other)
        : this(other.Device, other._drop, other._fail, other._restore, other._resize)
    {
    }

    /// <summary>What the head sees.</summary>
    public MpathDevice Device { get; }

    /// <summary>Which path of its head it is, in order of addition, from 0. No two paths of a head ever have the same.</summary>
    public int Number => Device.Number;

    /// <summary>What its data is, in words; null for a path to nothing.</summary>
    public string? Identity { get; init; }

    /// <summary>Whether what it leads to was removed, or given up: it does not come back by itself.</summary>
    public bool IsGone => Device.Disk is BdevPath { IsGone: true } or NbdPath { IsLost: true };

    /// <summary>Whether it was failed and not restored since.</summary>
    public bool IsFailed { get; protected set; }

    /// <summary>Its state in a word or two.</summary>
    public string State =>
        Device.IsRemoved ? "removed"
        : IsGone ? "gone"
        : IsFailed ? "failed"
        : Device.Disk is NbdPath { IsConnected: false } ? "connecting"
        : !Device.IsLive ? "failed"
        : Device.IsDisabled && Device.AccessState != MpathAccessState.Other ? "disabled"
        : AccessStateText.Format(Device.AccessState);

    /// <summary>
    /// Fails the path under the I/O that it has in flight, and returns when the head has let go of it. Blocks for a grace
    /// period.
    /// </summary>
    public virtual void Fail()
    {
        if (IsFailed)
        {
            return;
        }

        // The state first: what the path gives back must not be aimed at it again, and an I/O that every usable path
        // has failed is over. But not the grace period that goes with it: by its end a fast path would have ended what
        // it has, and a descriptor that is closed when nobody uses it is no failure worth the name.
        IsFailed = true;
        using (Device.Head.Hooks.PathStateChanged.Attach(OnStateChanged))
        {
            Device.SetDown();
        }

        _fault?.Throw();
        _fail();
    }

    /// <summary>Makes the path work again. Blocks for a grace period.</summary>
    public virtual void Restore()
    {
        if (IsFailed || IsGone)
        {
            _restore();
            IsFailed = false;
        }
    }

    /// <summary>Takes another capacity, in sectors of 512 bytes; the head hears of it when it revalidates.</summary>
    /// <exception cref="MpathdException">The path is of a kind that cannot.</exception>
    public void Resize(long capacitySectors)
    {
        if (_resize is null)
        {
            throw MpathdException.Failed($"the size of {Device.Name} cannot be changed", "use paths of another kind");
        }

        _resize(capacitySectors);
    }

    // On the thread that sets the path down, when the state is set and before anything is waited for.
    private void OnStateChanged(scoped in PathStateChangedArgs args)
    {
        if (!ReferenceEquals(args.Path, Device) || Device.IsLive)
        {
            return;
        }

        try
        {
            _drop();
        }
        catch (Exception exception)
        {
            // A hook must not throw; whoever fails the path gets to know.
            _fault = ExceptionDispatchInfo.Capture(exception);
        }
    }
}

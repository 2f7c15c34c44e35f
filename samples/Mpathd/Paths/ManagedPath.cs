using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>A path of the daemon's: what the head sees of it, and how it is made to fail and work again.</summary>
internal sealed class ManagedPath
{
    private readonly Action _fail;
    private readonly Action _restore;

    /// <summary>Makes one from a path that was added to a head.</summary>
    /// <param name="device">The path.</param>
    /// <param name="fail">Makes its driver fail it: closes the descriptor. I/O that it has comes back as failed.</param>
    /// <param name="restore">Makes its driver open it again and set it live.</param>
    public ManagedPath(MpathDevice device, Action fail, Action restore)
    {
        Device = device;
        _fail = fail;
        _restore = restore;
    }

    /// <summary>What the head sees.</summary>
    public MpathDevice Device { get; }

    /// <summary>Whether it was failed and not restored since.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>Fails the path under the I/O that it has in flight. Blocks for a grace period.</summary>
    public void Fail()
    {
        if (IsFailed)
        {
            return;
        }

        // The state first: what the path gives back must not be aimed at it again, and an I/O that every usable path
        // has failed is over. But not the grace period that goes with it: by its end a fast path would have ended what
        // it has, and a descriptor that is closed when nobody uses it is no failure worth the name.
        IsFailed = true;
        var down = new Thread(Device.SetDown) { IsBackground = true, Name = "down" };
        down.Start();
        SpinWait.SpinUntil(() => !Device.IsLive);
        _fail();
        down.Join();
    }

    /// <summary>Makes the path work again. Blocks for a grace period.</summary>
    public void Restore()
    {
        if (IsFailed)
        {
            _restore();
            IsFailed = false;
        }
    }
}

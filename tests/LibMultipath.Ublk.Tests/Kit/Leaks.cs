using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Control;

namespace LibMultipath.Ublk.Tests.Kit;

/// <summary>What this process holds of the system, to be the same before and after.</summary>
internal sealed class Leaks
{
    private readonly int _descriptors = Open.Descriptors;
    private readonly int _maps = Open.Mappings;
    private readonly int _devices = UblkControl.ListIds().Count;

    /// <summary>Runs something a few times to warm up, and then often, and sees that nothing is left behind.</summary>
    public static void None(int times, Action action, int warmUps = 3)
    {
        for (int i = 0; i < warmUps; i++)
        {
            action();
        }

        var before = new Leaks();
        for (int i = 0; i < times; i++)
        {
            action();
        }

        before.AreNone();
    }

    // The kernel closes the files of rings, and lets devices go, a moment after it was asked to; the runtime may map a
    // few pieces of memory for itself meanwhile, but nothing each time. A queue's copy of its descriptors stays until
    // the collector knows that nobody has a request of it any more; descriptors are closed without its help.
    private void AreNone()
    {
        Eventually.True(() => Open.Descriptors <= _descriptors + 1, "descriptors to be closed");
        Eventually.True(() => UblkControl.ListIds().Count == _devices, "devices to be gone");
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.InRange(Open.Mappings, 0, _maps + 16);
    }
}

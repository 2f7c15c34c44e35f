using System.Runtime.InteropServices;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Loops;
using LibMultipath.IoUring.Tests.Kit;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Queues.Kit;

/// <summary>
/// A queue whose device is a file: the test is the driver. What the queue asks for stays in the ring while the kernel is
/// busy, and is refused (EOPNOTSUPP) by one that is not; the test completes commands as the driver would.
/// </summary>
internal sealed class QueueRig : IDisposable
{
    public const int Depth = 8;
    public const ulong Mark = QueueCommands.FirstOwnKind;

    private readonly SafeFileHandle _device;

    public QueueRig(UblkFeatures features, bool busy = true, RingOptions? ring = null)
    {
        _device = File.OpenHandle(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.Delete, FileOptions.DeleteOnClose);
        RandomAccess.SetLength(_device, Environment.SystemPageSize);
        Loop = new RingLoop(ring, System);
        Loop.Attach();
        System.IsBusy = busy;
        Queue = new UblkQueue(_device, new UblkQueueShape(0, 1, Depth, 4096, features), 0, Loop, Target, null);
    }

    public BusySystem System { get; } = new();

    public HeldTarget Target { get; } = new();

    public RingLoop Loop { get; }

    public UblkQueue Queue { get; }

    /// <summary>The request that a tag will have.</summary>
    public void Ask(int tag, UblkOp op)
    {
        var request = new ublksrv_io_desc { op_flags = (uint)op, nr_sectors = 8 };
        RandomAccess.Write(_device, MemoryMarshal.AsBytes(new ReadOnlySpan<ublksrv_io_desc>(in request)), tag * Marshal.SizeOf<ublksrv_io_desc>());
    }

    /// <summary>A command completes.</summary>
    public void Complete(ulong kind, int tag, int result, CqeFlags flags = CqeFlags.None) =>
        ((IRingChannel)Queue).Completed((kind << QueueCommands.KindShift) | (uint)tag, result, flags);

    /// <summary>Fills the ring to the last entry.</summary>
    public void Fill()
    {
        while (Loop.Ring.Unsubmitted < Loop.Ring.SubmissionEntries)
        {
            ref io_uring_sqe sqe = ref Loop.Ring.GetSqe();
            sqe.PrepNop();
            sqe.user_data = RingLoop.UserData(255, 0);
        }
    }

    /// <summary>Lets the kernel work until something is so.</summary>
    public void PollUntil(Func<bool> condition, string what)
    {
        System.IsBusy = false;
        Eventually.True(
            () =>
            {
                Loop.Poll(TimeSpan.Zero);
                return condition();
            },
            what);
    }

    public void Dispose()
    {
        System.IsBusy = false;
        Loop.Dispose();
        Queue.Dispose();
        _device.Dispose();
    }
}

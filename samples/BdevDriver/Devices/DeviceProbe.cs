using LibMultipath.Block;
using LoopDriver;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver.Devices;

/// <summary>
/// Asks a device whether it answers, on a thread that is there for one question: it may take as long as the kernel needs
/// to give the device up.
/// </summary>
/// <remarks>
/// A SCSI device is asked with TEST UNIT READY, which is sent whatever the access state is: it is from the answer that the
/// kernel learns that the state has changed. Others are asked to read a block.
/// </remarks>
internal sealed unsafe class DeviceProbe(BdevOptions options, Action<bool> answered)
{
    private const int TestUnitReadyLength = 6;

    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    private int _running;

    /// <summary>Asks, unless a question is under way. The answer comes on another thread.</summary>
    /// <param name="name">What the thread is called.</param>
    /// <param name="device">The descriptor. When it is closed meanwhile, the answer is no.</param>
    /// <param name="blockSize">What is read at the most, in bytes.</param>
    public void Start(string name, SafeFileHandle device, int blockSize)
    {
        if (Interlocked.Exchange(ref _running, 1) != 0)
        {
            return;
        }

        try
        {
            LoopThreads.Start(name, () =>
            {
                bool works = Ask(device, blockSize);
                Volatile.Write(ref _running, 0);
                answered(works);
            });
        }
        catch (BlockException)
        {
            // No thread for now: at the next look, perhaps.
            Volatile.Write(ref _running, 0);
        }
    }

    private bool Ask(SafeFileHandle device, int blockSize)
    {
        try
        {
            ReadOnlySpan<byte> testUnitReady = stackalloc byte[TestUnitReadyLength];
            ScsiOutcome outcome = ScsiCommand.Run(options.System, device, testUnitReady, default, s_timeout);
            return outcome.Error == Errno.None ? outcome.IsReady : Reads(device, blockSize);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private static bool Reads(SafeFileHandle device, int blockSize)
    {
        // An aligned block in the middle of what is twice as large.
        byte[] memory = GC.AllocateUninitializedArray<byte>(2 * blockSize, pinned: true);
        fixed (byte* start = memory)
        {
            var vector = new IoVector { Start = (byte*)(((nuint)start + (nuint)blockSize - 1) / (nuint)blockSize * (nuint)blockSize), Length = blockSize };
            nint read = Libc.Read(device, &vector, 1, 0, 0);
            return read > 0 || (read < 0 && !BlockStatusExtensions.FromErrno((int)Libc.LastError).IsPathError());
        }
    }
}

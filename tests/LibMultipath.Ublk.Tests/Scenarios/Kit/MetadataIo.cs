using System.Runtime.InteropServices;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Abi;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>Reads and writes blocks with metadata of the user's own, as io_uring offers it.</summary>
internal static unsafe class MetadataIo
{
    private const ulong HasMetadata = 1; // IORING_RW_ATTR_FLAG_PI

    /// <summary>Does it, and waits.</summary>
    /// <returns>Bytes, or an errno with a minus sign.</returns>
    public static int Run(SafeFileHandle disk, bool write, byte* data, int length, long position, Span<byte> metadata)
    {
        using var ring = Ring.Create(new RingOptions { Entries = 4, SingleIssuer = false });
        fixed (byte* at = metadata)
        {
            var attribute = new Attribute { Length = (uint)metadata.Length, Address = (ulong)at };
            ref io_uring_sqe sqe = ref ring.GetSqe();
            if (write)
            {
                sqe.PrepWrite((int)disk.DangerousGetHandle(), data, (uint)length, (ulong)position);
            }
            else
            {
                sqe.PrepRead((int)disk.DangerousGetHandle(), data, (uint)length, (ulong)position);
            }

            // attr_ptr and attr_type_mask lie where a command's own part does.
            ((ulong*)sqe.Command)[0] = (ulong)&attribute;
            ((ulong*)sqe.Command)[1] = HasMetadata;
            Assert.True(ring.SubmitAndWait(1, TimeSpan.FromSeconds(20)));
            Assert.True(ring.TryGetCompletion(out RingCompletion completion));
            return completion.Result;
        }
    }

    // struct io_uring_attr_pi
    [StructLayout(LayoutKind.Sequential)]
    private struct Attribute
    {
        public ushort Flags;
        public ushort ApplicationTag;
        public uint Length;
        public ulong Address;
        public ulong Seed;
        public ulong Reserved;
    }
}

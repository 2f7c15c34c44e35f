using System.Runtime.InteropServices;
using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring;

// What the kernel can be asked for.
public sealed unsafe partial class Ring
{
    private const int MostOperations = 256;
    private const ushort Supported = 1 << 0; // IO_URING_OP_SUPPORTED

    private bool[]? _supported;

    /// <summary>Whether the kernel knows an operation (<c>IORING_REGISTER_PROBE</c>). It is asked once.</summary>
    /// <param name="operation">Also one that this package has no name for.</param>
    /// <exception cref="RingException">The kernel refuses.</exception>
    public bool Supports(IoUringOp operation) => (_supported ??= Probe())[(int)operation];

    private bool[] Probe()
    {
        nuint size = (nuint)(sizeof(io_uring_probe) + (MostOperations * sizeof(io_uring_probe_op)));
        var probe = (io_uring_probe*)NativeMemory.AllocZeroed(size);
        try
        {
            Register(RegisterOp.Probe, probe, MostOperations, "asking what the kernel supports");
            var operations = new ReadOnlySpan<io_uring_probe_op>(probe + 1, probe->ops_len);
            bool[] supported = new bool[MostOperations];
            foreach (ref readonly io_uring_probe_op operation in operations)
            {
                supported[operation.op] = (operation.flags & Supported) != 0;
            }

            return supported;
        }
        finally
        {
            NativeMemory.Free(probe);
        }
    }
}

using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>What the batch commands carry; the elements lie in the buffer of the submission.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_batch_io
{
    public ushort q_id;

    /// <summary>Which optional words an element has; the UBLK_BATCH_F constants.</summary>
    public ushort flags;

    public ushort nr_elem;
    public byte elem_bytes;
    public byte reserved;
    public ulong reserved2;
}

using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>The alignment that buffers need.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_param_dma_align
{
    /// <summary>A mask: the alignment less one.</summary>
    public uint alignment;

    public uint pad;
}

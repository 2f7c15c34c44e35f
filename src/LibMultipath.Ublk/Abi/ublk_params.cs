using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>All parameters of a device, of which <see cref="types"/> says which are meant.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_params
{
    /// <summary>Bytes of this struct that the side which wrote it knows.</summary>
    public uint len;

    /// <summary>The UBLK_PARAM_TYPE constants.</summary>
    public uint types;

    public ublk_param_basic basic;
    public ublk_param_discard discard;
    public ublk_param_devt devt;
    public ublk_param_zoned zoned;
    public ublk_param_dma_align dma;
    public ublk_param_segment seg;
    public ublk_param_integrity integrity;
}

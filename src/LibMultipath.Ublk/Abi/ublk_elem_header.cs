using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>The part that every element of a batch begins with.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublk_elem_header
{
    public ushort tag;

    /// <summary>The index to register the next request's buffer at; with automatic registration only.</summary>
    public ushort buf_index;

    /// <summary>Bytes done, or minus an errno; for a commit only.</summary>
    public int result;
}

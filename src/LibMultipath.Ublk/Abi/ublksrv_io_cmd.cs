using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Abi;

/// <summary>What FETCH_REQ, COMMIT_AND_FETCH_REQ, NEED_GET_DATA and the buffer commands carry.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ublksrv_io_cmd
{
    public ushort q_id;
    public ushort tag;

    /// <summary>Bytes done, or minus an errno; for a commit only.</summary>
    public int result;

    /// <summary>
    /// The buffer's address, its index for the buffer commands, or <c>zone_append_lba</c>, which shares this word: the
    /// sector that an append got, on a commit.
    /// </summary>
    public ulong addr;
}

using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>What IOC_PR_READ_RESERVATION gives; a key of 0 and a type of 0 when nobody has reserved.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pr_read_reservation
{
    public ulong key;
    public uint generation;
    public uint type;
}

using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>What IOC_PR_RESERVE and IOC_PR_RELEASE take.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pr_reservation
{
    public ulong key;
    public uint type;
    public uint flags;
}

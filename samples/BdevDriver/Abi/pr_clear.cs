using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>What IOC_PR_CLEAR takes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pr_clear
{
    public ulong key;
    public uint flags;
    private readonly uint _pad;
}

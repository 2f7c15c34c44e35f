using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>What IOC_PR_REGISTER takes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pr_registration
{
    public ulong old_key;
    public ulong new_key;
    public uint flags;
    private readonly uint _pad;
}

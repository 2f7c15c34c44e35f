using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>What IOC_PR_PREEMPT and IOC_PR_PREEMPT_ABORT take: the caller's key is the old one, the victim's the new one.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pr_preempt
{
    public ulong old_key;
    public ulong new_key;
    public uint type;
    public uint flags;
}

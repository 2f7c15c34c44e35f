using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>What IOC_PR_READ_KEYS takes, with the room for keys, and gives, with how many there are.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct pr_read_keys
{
    public uint generation;
    public uint num_keys;
    public ulong keys_ptr;
}

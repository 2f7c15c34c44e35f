using System.Runtime.InteropServices;

namespace Mpathd.Feeding;

/// <summary>A record of a feed, as it lies in the ring. Its layout is a contract with monitors: docs/operations.md has it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FeedRecord
{
    public FeedKind Kind;

    /// <summary>The number of the path.</summary>
    public uint Path;

    /// <summary>As <see cref="FeedKind"/> says; 0 where it says nothing.</summary>
    public ulong Value;

    /// <summary>Whatever the monitor likes; it comes back with what is refused.</summary>
    public ulong Tag;
}

using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Interop;

/// <summary><c>struct statx</c>, the same on every architecture: what kind of a file it is.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct statx
{
    /// <summary><c>AT_FDCWD</c>.</summary>
    public const int HereDirectory = -100;

    /// <summary><c>AT_SYMLINK_NOFOLLOW</c>.</summary>
    public const int NoFollow = 0x100;

    /// <summary><c>STATX_TYPE</c>.</summary>
    public const uint Type = 0x1;

    private const int TypeMask = 0xF000; // S_IFMT
    private const int Socket = 0xC000; // S_IFSOCK

    [FieldOffset(28)]
    public ushort stx_mode;

    /// <summary>Whether it is a socket.</summary>
    public readonly bool IsSocket => (stx_mode & TypeMask) == Socket;
}

using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Interop;

/// <summary><c>struct statx</c>, the same on every architecture: what kind of a file it is, and which.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct statx
{
    /// <summary><c>AT_FDCWD</c>.</summary>
    public const int HereDirectory = -100;

    /// <summary><c>AT_SYMLINK_NOFOLLOW</c>.</summary>
    public const int NoFollow = 0x100;

    /// <summary><c>STATX_TYPE</c>.</summary>
    public const uint Type = 0x1;

    /// <summary><c>STATX_INO</c>.</summary>
    public const uint Inode = 0x100;

    private const int TypeMask = 0xF000; // S_IFMT
    private const int Socket = 0xC000; // S_IFSOCK

    [FieldOffset(28)]
    public ushort stx_mode;

    [FieldOffset(32)]
    public ulong stx_ino;

    [FieldOffset(136)]
    public uint stx_dev_major;

    [FieldOffset(140)]
    public uint stx_dev_minor;

    /// <summary>Whether it is a socket.</summary>
    public readonly bool IsSocket => (stx_mode & TypeMask) == Socket;

    /// <summary>Looks at a file; at a link itself, and not where it leads.</summary>
    /// <returns>False if there is none, or nobody may look.</returns>
    public static unsafe bool TryLook(string path, out statx file)
    {
        fixed (statx* result = &file)
        {
            return Libc.Statx(HereDirectory, path, NoFollow, Type | Inode, result) == 0;
        }
    }

    /// <summary>Whether both are one file.</summary>
    public readonly bool IsSame(in statx other) =>
        (stx_ino, stx_dev_major, stx_dev_minor) == (other.stx_ino, other.stx_dev_major, other.stx_dev_minor);
}

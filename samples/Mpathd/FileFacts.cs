using System.Runtime.InteropServices;

namespace Mpathd;

/// <summary>Whose a file is, and who may use it (<c>struct statx</c>, the same on every architecture).</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct FileFacts
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint Wanted = 0x1 | 0x2 | 0x8 | 0x100; // STATX_TYPE, MODE, UID, INO
    private const int TypeMask = 0xF000; // S_IFMT
    private const int SocketType = 0xC000; // S_IFSOCK
    private const int FolderType = 0x4000; // S_IFDIR
    private const int RegularType = 0x8000; // S_IFREG
    private const int OthersWrite = 0x12; // S_IWGRP, S_IWOTH

    [FieldOffset(20)]
    private readonly uint _user;

    [FieldOffset(28)]
    private readonly ushort _mode;

    [FieldOffset(32)]
    private readonly ulong _inode;

    /// <summary>The user whose it is.</summary>
    public readonly uint User => _user;

    public readonly ulong Inode => _inode;

    public readonly bool IsSocket => (_mode & TypeMask) == SocketType;

    public readonly bool IsRegular => (_mode & TypeMask) == RegularType;

    public readonly bool IsFolder => (_mode & TypeMask) == FolderType;

    /// <summary>Whether users other than its own may write it.</summary>
    public readonly bool IsWrittenByOthers => (_mode & OthersWrite) != 0;

    /// <summary>Looks at a file; null if there is none, or it may not be looked at.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="follow">Whether a link at the end is followed.</param>
    public static unsafe FileFacts? Of(string path, bool follow)
    {
        FileFacts facts;
        return Libc.Statx(CurrentFolder, path, follow ? 0 : NoFollow, Wanted, &facts) == 0 ? facts : null;
    }
}

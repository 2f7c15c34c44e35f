using System.Runtime.InteropServices;

namespace LoopDriver;

/// <summary>What the driver wants to know of a file (<c>struct statx</c>, the same on every architecture).</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    /// <summary>Asks for type, inode and size (STATX_TYPE, STATX_INO, STATX_SIZE), and for what direct I/O needs (STATX_DIOALIGN).</summary>
    public const uint Wanted = 0x1 | 0x100 | 0x200 | DirectAlignment;

    private const uint DirectAlignment = 0x2000;
    private const int TypeMask = 0xF000; // S_IFMT
    private const int RegularFile = 0x8000; // S_IFREG
    private const int Directory = 0x4000; // S_IFDIR
    private const int BlockDevice = 0x6000; // S_IFBLK

    [FieldOffset(0)]
    private readonly uint _mask;

    [FieldOffset(4)]
    private readonly uint _preferredBlock;

    [FieldOffset(28)]
    private readonly ushort _mode;

    [FieldOffset(32)]
    private readonly ulong _inode;

    [FieldOffset(40)]
    private readonly long _size;

    [FieldOffset(128)]
    private readonly uint _ownMajor;

    [FieldOffset(132)]
    private readonly uint _ownMinor;

    [FieldOffset(136)]
    private readonly uint _deviceMajor;

    [FieldOffset(140)]
    private readonly uint _deviceMinor;

    [FieldOffset(152)]
    private readonly uint _directMemoryAlignment;

    [FieldOffset(156)]
    private readonly uint _directOffsetAlignment;

    public readonly bool IsRegular => (_mode & TypeMask) == RegularFile;

    public readonly bool IsDirectory => (_mode & TypeMask) == Directory;

    public readonly bool IsBlockDevice => (_mode & TypeMask) == BlockDevice;

    /// <summary>Which device it is, if it is one: major number.</summary>
    public readonly uint OwnMajor => _ownMajor;

    /// <summary>Which device it is, if it is one: minor number.</summary>
    public readonly uint OwnMinor => _ownMinor;

    public readonly FileIdentity Identity => new(_deviceMajor, _deviceMinor, _inode);

    public readonly long Size => _size;

    /// <summary>The block of the file system.</summary>
    public readonly int Block => (int)_preferredBlock;

    /// <summary>Whether the file system says that this file cannot do direct I/O.</summary>
    public readonly bool DeniesDirect => (_mask & DirectAlignment) != 0 && _directOffsetAlignment == 0;

    /// <summary>What offsets and lengths of direct I/O must be multiples of; a page where nobody says, which is always enough.</summary>
    public readonly int DirectOffsetAlignment => (_mask & DirectAlignment) != 0 ? (int)_directOffsetAlignment : 4096;

    /// <summary>What addresses of direct I/O must be multiples of.</summary>
    public readonly int DirectMemoryAlignment => (_mask & DirectAlignment) != 0 ? (int)_directMemoryAlignment : 4096;
}

using System.Runtime.InteropServices;

namespace LibMultipath.Paths;

/// <summary>
/// One node's current path, alone on its cache lines, in the middle of the struct: round-robin writes it on every I/O,
/// and what is before the first of an array, its length, is read on every I/O of every node.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct CurrentPath
{
    [FieldOffset(128)]
    public MpathDevice? Path;
}

using System.Runtime.InteropServices;

namespace LibMultipath.Paths;

/// <summary>
/// The I/Os in flight through a controller, alone on its cache lines: every submission through the controller writes
/// the number, and the fields beside it would be fetched with it.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct ControllerLoad
{
    [FieldOffset(128)]
    public int Count;
}

using System.Runtime.InteropServices;

namespace BdevDriver.Abi;

/// <summary>What HDIO_GETGEO gives.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct hd_geometry
{
    public byte heads;
    public byte sectors;
    public ushort cylinders;
    public nuint start;
}

using System.Buffers.Binary;
using System.Text;

namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>An option that a client asks for.</summary>
internal sealed record RawOption(uint Option, byte[] Data)
{
    /// <summary>The export that GO and INFO are about.</summary>
    public string ExportName => Encoding.UTF8.GetString(Data, 4, (int)BinaryPrimitives.ReadUInt32BigEndian(Data));
}

namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>A request as a server reads it; of a write with its data.</summary>
internal sealed record RawRequest(ushort Flags, ushort Command, ulong Cookie, ulong Offset, uint Length, byte[] Data);

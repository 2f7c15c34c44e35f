namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>A whole reply as a client reads it, whatever its form.</summary>
internal sealed record RawReply(ulong Cookie, uint Error, byte[] Data);

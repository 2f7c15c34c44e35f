namespace LibMultipath.Nbd.Server;

/// <summary>What client and server have agreed on.</summary>
/// <param name="Export">What the client uses; it is held for it.</param>
/// <param name="Shape">What it was told of it.</param>
/// <param name="Structured">Whether it takes structured replies.</param>
internal sealed record HandshakeResult(ServedExport Export, ExportShape Shape, bool Structured);

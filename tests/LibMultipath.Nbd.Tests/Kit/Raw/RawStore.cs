namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>What a raw server serves. Connections may share it.</summary>
internal sealed class RawStore(long size)
{
    public byte[] Data { get; } = new byte[size];

    /// <summary>Carries a request out; the error, or what was read.</summary>
    public (uint Error, byte[] Data) Do(RawRequest request)
    {
        if (request.Offset + request.Length > (ulong)Data.Length)
        {
            return (NbdWire.EInval, []);
        }

        lock (Data)
        {
            Span<byte> place = Data.AsSpan((int)request.Offset, (int)request.Length);
            switch (request.Command)
            {
                case NbdWire.CmdRead:
                    return (0, place.ToArray());
                case NbdWire.CmdWrite:
                    request.Data.CopyTo(place);
                    return (0, []);
                case NbdWire.CmdTrim or NbdWire.CmdWriteZeroes:
                    place.Clear();
                    return (0, []);
                case NbdWire.CmdFlush:
                    return (0, []);
                default:
                    return (NbdWire.EInval, []);
            }
        }
    }
}

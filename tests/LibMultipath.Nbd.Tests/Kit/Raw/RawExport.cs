namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>What a raw server says that it has.</summary>
internal sealed record RawExport(long Size)
{
    public ushort Flags { get; init; } = NbdWire.Everything;

    public string Name { get; init; } = "";

    public bool StructuredReplies { get; init; } = true;

    /// <summary>Least, preferred and most, in bytes; null if it does not say.</summary>
    public (uint Minimum, uint Preferred, uint Maximum)? BlockSizes { get; init; } = (512, 4096, 32 * 1024 * 1024);
}

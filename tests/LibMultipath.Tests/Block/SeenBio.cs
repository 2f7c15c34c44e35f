using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

/// <summary>What a driver got to see of a bio.</summary>
internal sealed record SeenBio(BioOp Op, long Sector, long Size, BioFlags Flags, IReadOnlyList<(nint Address, int Length)> Segments)
{
    public long Sectors => Size / 512;

    public long End => Sector + Sectors;

    public static SeenBio Of(Bio bio)
    {
        var segments = new List<(nint, int)>();
        foreach (BioSegment segment in bio.Segments)
        {
            segments.Add((segment.AddressNow, segment.Length));
        }

        return new SeenBio(bio.Op, bio.Sector, bio.Size, bio.Flags, segments);
    }
}

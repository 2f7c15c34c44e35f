using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Torture;

/// <summary>A template whose paths get clones, now and then none because there is no memory.</summary>
internal sealed class TortureCloningTemplate(TortureVerdict verdict, MpathIoPolicy policy, int seed, TortureStore store, TortureFaults faults)
    : TortureTemplate(verdict, policy, seed), IMpathBioCloner
{
    private int _clones;

    public Bio? CloneBio(Bio bio, MpathDevice path)
    {
        if (bio.Op != BioOp.Flush && Interlocked.Increment(ref _clones) % 10_007 == 0 && !faults.Calm)
        {
            store.MarkFailure(bio);
            ((TorturePath)path.Disk).CountUncloned(bio);
            return null;
        }

        Bio clone = Bio.Rent(bio.Op, bio.Sector, flags: bio.Flags);
        foreach (BioSegment segment in bio.Segments)
        {
            clone.AddSegment(segment);
        }

        return clone;
    }
}

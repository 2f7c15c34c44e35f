using LibMultipath.Block;
using LibMultipath.Tests.Reclamation;

namespace LibMultipath.Tests.Block;

// A bio that was given back is the next test's that wants one.
[Collection(AloneCollection.Name)]
public sealed class BioPoolTests
{
    [Fact]
    public void A_bio_that_goes_through_the_pool_comes_out_as_new()
    {
        var disk = new NullDisk();
        Bio bio = Bio.Rent(BioOp.Write, 8, new byte[512], BioFlags.PreFlush);
        bio.Tag = 7;
        bio.State = "mine";
        bio.EndIo = static _ => { };
        disk.Submit(bio);
        bio.Dispose();

        // Looked at after it was given back, which only a test that is alone may do.
        Assert.Equal(0, bio.Tag);
        Assert.Null(bio.State);
        Assert.Null(bio.EndIo);
        Assert.Null(bio.Device);
        Assert.Null(bio.Owner);
        Assert.Null(bio.Parent);
        Assert.Equal(0, bio.SegmentCount);
        Assert.Equal(0, bio.Size);
        Assert.Equal(0, bio.SegmentAt(0).Length);
        Assert.Equal(BlockStatus.Ok, bio.Status);
    }

    [Fact]
    public void A_second_dispose_does_nothing()
    {
        Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        bio.Dispose();
        bio.Dispose();

        // Had it been given back twice, it would come out twice.
        var rented = new HashSet<Bio>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < 3000; i++)
        {
            Bio other = Bio.Rent(BioOp.Read);
            Assert.True(rented.Add(other));
        }

        foreach (Bio other in rented)
        {
            other.Dispose();
        }
    }
}

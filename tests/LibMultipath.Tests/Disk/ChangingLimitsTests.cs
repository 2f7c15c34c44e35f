using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

/// <summary>What a disk can do may change while a bio is on its way; what was asked for does not.</summary>
public sealed class ChangingLimitsTests
{
    private static readonly QueueLimits s_cache = new() { Features = QueueFeatures.WriteCache | QueueFeatures.Fua };

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void FUA_is_not_lost_when_a_write_waits_and_the_disk_gains_a_cache(int blocks)
    {
        // More blocks than one bio may have: then the parts wait.
        var small = new QueueLimits { MaxSectors = 8 };
        using var rig = new Rig(paths: 0);
        MpathDevice first = rig.AddPath(limits: small);
        rig.Work.RunAll();
        first.SetDown();

        using Bio bio = Bio.Rent(BioOp.Write, 0, new byte[blocks * 512], BioFlags.Fua);
        var io = new Io(bio);
        rig.Disk.Submit(bio);
        Assert.False(io.HasEnded);

        rig.AddPath(limits: small with { Features = s_cache.Features });
        int volatileWrites = 0;
        int writes = 0;
        rig[1].OnAttempt = attempt =>
        {
            writes += attempt.Bio.Op == BioOp.Write ? 1 : 0;
            volatileWrites = attempt.Bio.Op == BioOp.Flush ? 0 : volatileWrites + 1;
        };
        rig.Work.RunAll();

        // Not every path has FUA, so the disk has not: a flush follows instead.
        io.AssertEnded(BlockStatus.Ok);
        Assert.True(writes > 0);
        Assert.Equal(0, volatileWrites);
        Assert.Equal(BioFlags.Fua, bio.Flags);
    }

    [Fact]
    public void A_partition_can_do_what_its_disk_can_do_now()
    {
        using var rig = new Rig(paths: 0);
        rig.AddPath();
        rig.Work.RunAll();
        var partition = new PartitionDisk(rig.Disk, 1, 64, 1024);
        Assert.Equal(QueueFeatures.None, partition.Limits.Features & QueueFeatures.WriteCache);

        rig.Paths[0].SetDown();
        rig.AddPath(limits: s_cache);
        rig.Work.RunAll();
        var seen = new List<(BioOp Op, BioFlags Flags, long Sector)>();
        rig[1].OnAttempt = attempt => seen.Add((attempt.Bio.Op, attempt.Bio.Flags & BioFlags.Fua, attempt.Bio.Sector));
        using Bio flush = Bio.Rent(BioOp.Flush);
        var flushed = new Io(flush);
        partition.Submit(flush);
        flushed.AssertEnded(BlockStatus.Ok);
        rig.Submit(BioFlags.Fua, BioOp.Write, partition, sector: 8).AssertEnded(BlockStatus.Ok);
        rig.Submit(BioFlags.Fua, BioOp.Write, partition, sector: 1024).AssertEnded(BlockStatus.IoError);

        // The first path has no FUA, so a flush follows the write.
        Assert.Equal([BioOp.Flush, BioOp.Write, BioOp.Flush], seen.Select(each => each.Op));
        Assert.Equal(72, seen[1].Sector);
        Assert.Equal(1024, partition.CapacitySectors);
        Assert.True(partition.Limits.Features.HasFlag(QueueFeatures.WriteCache));
    }

    [Fact]
    public void A_write_that_was_begun_before_a_path_with_a_cache_came_is_durable_all_the_same()
    {
        using var rig = new Rig(paths: 1);
        bool added = false;
        List<BioOp> seen = [];
        using IDisposable attached = rig.Head.Hooks.BioSubmitted.Attach((scoped in BioSubmittedArgs _) =>
        {
            if (!added)
            {
                added = true;
                MpathDevice path = rig.NewPath(limits: new QueueLimits { Features = QueueFeatures.WriteCache });
                rig[1].OnAttempt = attempt => seen.Add(attempt.Bio.Op);
                rig.Head.Add(path);
                path.SetReason(PathState.NotLive, false);
                rig.Paths[0].SetReason(PathState.NotLive, true);
            }
        });

        using Bio bio = Bio.Rent(BioOp.Write, 0, new byte[4096], BioFlags.Fua);
        var io = new Io(bio);
        rig.Disk.Submit(bio);
        rig.Work.RunAll();
        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([BioOp.Write, BioOp.Flush], seen);
    }

    [Fact]
    public void A_bio_that_was_checked_before_a_stricter_path_came_is_checked_again()
    {
        using var rig = new Rig(paths: 1);
        bool added = false;
        int longest = 0;
        using IDisposable attached = rig.Head.Hooks.BioSubmitted.Attach((scoped in BioSubmittedArgs _) =>
        {
            // Between the check and the selection: the new path is the only one that is left. The state words are set
            // by hand, because the hook is inside a read section, which setting a state the usual way waits for.
            if (!added)
            {
                added = true;
                MpathDevice path = rig.NewPath(limits: new QueueLimits { MaxSectors = 8 });
                rig[1].OnAttempt = attempt => longest = Math.Max(longest, (int)attempt.Bio.Size);
                rig.Head.Add(path);
                path.SetReason(PathState.NotLive, false);
                rig.Paths[0].SetReason(PathState.NotLive, true);
            }
        });

        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[64 * 1024]);
        var io = new Io(bio);
        rig.Disk.Submit(bio);
        rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(4096, longest);
        Assert.Equal(16, rig[1].Submitted);
    }
}

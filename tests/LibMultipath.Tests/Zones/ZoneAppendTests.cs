using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Zones;

public sealed class ZoneAppendTests
{
    private const int Zone1 = ZoneRig.ZoneSectors;

    [Theory]
    [InlineData(0, BioOp.Write)]
    [InlineData(2, BioOp.Write)]
    [InlineData(4, BioOp.ZoneAppend)]
    public void An_append_that_the_paths_cannot_do_is_a_write_at_the_write_pointer(int append, BioOp expected)
    {
        using ZoneRig rig = new(1, append: append);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        List<BioOp> seen = [];
        rig.Rig[0].OnAttempt = attempt => seen.Add(attempt.Bio.Op);

        Io io = rig.Do(BioOp.ZoneAppend, Zone1, 4, (byte)'b');

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([expected], seen);
        Assert.Equal(Zone1 + 1, io.Bio.AppendedSector);
        rig.AssertData(Zone1, "abbbb");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void An_append_that_is_larger_than_a_write_may_be_goes_in_parts(int append)
    {
        using ZoneRig rig = new(1, append: append);

        Io io = rig.Do(BioOp.ZoneAppend, Zone1, 11, (byte)'a');

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(Zone1, io.Bio.AppendedSector);
        rig.AssertData(Zone1, "aaaaaaaaaaa");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void Appends_to_one_zone_follow_one_another(int append)
    {
        using ZoneRig rig = new(1, append: append);

        Io[] all = [.. Enumerable.Range(0, 4).Select(i => rig.Submit(BioOp.ZoneAppend, Zone1, 3, (byte)('a' + i)))];
        rig.Run();

        Assert.Equal([Zone1, Zone1 + 3, Zone1 + 6, Zone1 + 9], all.Select(io => io.Bio.AppendedSector));
        rig.AssertData(Zone1, "aaabbbcccddd");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    public void An_append_that_does_not_fit_is_refused(int append)
    {
        using ZoneRig rig = new(1, append: append);
        rig.Do(BioOp.Write, Zone1, 10);

        rig.Do(BioOp.ZoneAppend, Zone1, 3).AssertEnded(BlockStatus.IoError);
        rig.Do(BioOp.ZoneAppend, Zone1, 2).AssertEnded(BlockStatus.Ok);
        rig.Do(BioOp.ZoneAppend, Zone1, 1).AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void An_append_to_a_conventional_zone_is_refused()
    {
        using ZoneRig rig = new(1);

        rig.Do(BioOp.ZoneAppend, 0, 1).AssertEnded(BlockStatus.IoError);
        rig.Do(BioOp.ZoneAppend, 0, 1).AssertEnded(BlockStatus.IoError);

        Assert.Empty(rig.Rig.Picks);
    }

    [Theory]
    [InlineData(Zone1 + 1, 1)]
    [InlineData(Zone1, ZoneRig.ZoneSectors + 1)]
    public void An_append_names_a_zone_by_its_first_sector_and_is_no_longer_than_it(long sector, int sectors)
    {
        using ZoneRig rig = new(1);

        rig.Do(BioOp.ZoneAppend, sector, sectors).AssertEnded(BlockStatus.Invalid);
    }

    [Fact]
    public void A_driver_that_does_not_say_where_it_appended_did_so_at_the_write_pointer()
    {
        using ZoneRig rig = new(1, append: 8);
        rig.Do(BioOp.Write, Zone1, 3);
        rig.Rig[0].OnSubmit = attempt => attempt.Complete(rig.Device.Execute(attempt.Bio, out _));

        Assert.Equal(Zone1 + 3, rig.Do(BioOp.ZoneAppend, Zone1, 1).Bio.AppendedSector);
    }

    [Fact]
    public void An_attempt_that_is_over_does_not_say_where_it_appended()
    {
        using ZoneRig rig = new(1, append: 8);
        rig.Rig[0].Hold = true;
        Io io = rig.Do(BioOp.ZoneAppend, Zone1, 1);
        BioAttempt attempt = rig.Rig[0].Take();
        rig.CarryOut(attempt);

        Assert.False(attempt.CompleteAppend(99));

        Assert.Equal(Zone1, io.Bio.AppendedSector);
    }

    [Fact]
    public void A_path_that_cannot_append_may_come_while_the_others_can()
    {
        using ZoneRig rig = new(1, append: 8);
        rig.Do(BioOp.ZoneAppend, Zone1, 1, (byte)'a').AssertEnded(BlockStatus.Ok);

        rig.AddPath(rig.Limits with { MaxZoneAppendSectors = 0 });
        rig.Run();
        rig.Do(BioOp.ZoneAppend, Zone1, 4, (byte)'b').AssertEnded(BlockStatus.Ok);

        Assert.Equal(ZoneRig.ZoneSectors, rig.Disk.Limits.MaxZoneAppendSectors);
        rig.AssertData(Zone1, "abbbb");
    }

    [Fact]
    public void An_append_that_was_begun_before_a_path_came_that_cannot_append_is_written()
    {
        using ZoneRig rig = new(1, append: 8);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        List<BioOp> seen = [];
        using IDisposable attached = rig.Rig.Head.Hooks.BioSubmitted.Attach((scoped in BioSubmittedArgs _) =>
        {
            if (rig.Rig.Paths.Count > 1)
            {
                return;
            }

            // Set by their words: a grace period cannot be waited for from inside of one.
            MpathDevice path = rig.Rig.NewPath(capacity: rig.Device.Sectors, limits: rig.Limits with { MaxZoneAppendSectors = 0 });
            rig.Rig[1].OnAttempt = attempt => seen.Add(attempt.Bio.Op);
            rig.Rig[1].OnSubmit = rig.CarryOut;
            rig.Rig.Head.Add(path);
            path.SetReason(PathState.NotLive, false);
            rig.Rig.Paths[0].SetReason(PathState.NotLive, true);
        });

        Io io = rig.Do(BioOp.ZoneAppend, Zone1, 4, (byte)'b');

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal([BioOp.Write], seen);
        Assert.Equal(Zone1 + 1, io.Bio.AppendedSector);
        rig.AssertData(Zone1, "abbbb");
    }
}

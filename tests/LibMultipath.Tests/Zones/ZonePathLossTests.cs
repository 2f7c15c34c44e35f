using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;
using LibMultipath.Zones;

namespace LibMultipath.Tests.Zones;

/// <summary>What becomes of the write of a zone whose path fails.</summary>
public sealed class ZonePathLossTests
{
    private const int Zone1 = ZoneRig.ZoneSectors;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(null)]
    public void A_write_is_carried_out_once_whatever_of_it_the_lost_path_carried_out(int? sectors)
    {
        using ZoneRig rig = new(2);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        rig.DieAfter(0, sectors);

        rig.Do(BioOp.Write, Zone1 + 1, 5, (byte)'b').AssertEnded(BlockStatus.Ok);

        rig.AssertData(Zone1, "abbbbb\0");
        Assert.Equal(Zone1 + 6, rig.Device[1].WritePointer);
        Assert.Equal(sectors == 3 ? 3 : 2, rig.Device.WritesTaken);
        rig.Do(BioOp.Write, Zone1 + 6, 1, (byte)'c').AssertEnded(BlockStatus.Ok);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(null)]
    public void A_write_that_fills_the_zone_is_carried_out_once(int? sectors)
    {
        using ZoneRig rig = new(2);
        rig.Do(BioOp.Write, Zone1, 8, (byte)'a');
        rig.DieAfter(0, sectors);

        rig.Do(BioOp.Write, Zone1 + 8, 4, (byte)'b').AssertEnded(BlockStatus.Ok);

        rig.AssertData(Zone1, "aaaaaaaabbbb");
        Assert.Equal(ZoneCondition.Full, rig.Device[1].Condition);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 2)]
    [InlineData(0, null)]
    [InlineData(8, 0)]
    [InlineData(8, 2)]
    [InlineData(8, null)]
    public void An_append_is_carried_out_once_and_says_where(int append, int? sectors)
    {
        using ZoneRig rig = new(2, append: append);
        rig.Do(BioOp.ZoneAppend, Zone1, 2, (byte)'a').AssertEnded(BlockStatus.Ok);
        rig.DieAfter(0, sectors);

        Io io = rig.Do(BioOp.ZoneAppend, Zone1, 4, (byte)'b');

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(Zone1 + 2, io.Bio.AppendedSector);
        Assert.Equal((BioOp.ZoneAppend, (long)Zone1), (io.Bio.Op, io.Bio.Sector));
        rig.AssertData(Zone1, "aabbbb\0");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(null)]
    public void Part_of_a_large_write_is_carried_out_once(int? sectors)
    {
        using ZoneRig rig = new(3);
        rig.DieAfter(0, sectors);

        rig.Do(BioOp.Write, Zone1, 12, (byte)'a').AssertEnded(BlockStatus.Ok);

        rig.AssertData(Zone1, "aaaaaaaaaaaa");
    }

    [Fact]
    public void A_write_that_no_device_would_take_does_not_end_well_because_its_sectors_are_written()
    {
        using ZoneRig rig = new(2);
        rig.Do(BioOp.Write, Zone1, 4, (byte)'a');
        rig.DieAfter(0, sectors: 0);

        rig.Do(BioOp.Write, Zone1, 4, (byte)'b').AssertEnded(BlockStatus.IoError);

        rig.AssertData(Zone1, "aaaa");
    }

    [Fact]
    public void The_first_write_of_a_zone_that_nobody_knows_is_not_taken_for_written()
    {
        using ZoneRig rig = new(2);
        rig.Device.Execute(BioOp.Write, Zone1, new byte[8 << 9], out _);
        rig.DieAfter(0, sectors: 0);

        rig.Do(BioOp.Write, Zone1, 4, (byte)'b').AssertEnded(BlockStatus.IoError);
    }

    [Theory]
    [InlineData(ZoneCondition.Full)]
    [InlineData(ZoneCondition.ReadOnly)]
    [InlineData(ZoneCondition.Offline)]
    public void A_zone_that_the_device_has_closed_for_good_is_not_taken_for_written(ZoneCondition condition)
    {
        using ZoneRig rig = new(2);
        rig.Do(BioOp.Write, Zone1, 4, (byte)'a');
        rig.DieAfter(0, sectors: 0);
        rig.Rig[0].OnAttempt = _ => rig.Device.Change(1, zone => zone with { Condition = condition, WritePointer = -1 });

        rig.Do(BioOp.Write, Zone1 + 4, 4, (byte)'b').AssertEnded(BlockStatus.IoError);
        rig.Do(BioOp.ZoneAppend, Zone1, 1).AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void A_write_that_must_be_durable_is_flushed_if_only_the_write_pointer_says_that_it_is_written()
    {
        using ZoneRig rig = new(2, QueueFeatures.WriteCache | QueueFeatures.Fua);
        rig.DieAfter(0);
        List<BioOp> seen = [];
        rig.Rig[1].OnAttempt = attempt => seen.Add(attempt.Bio.Op);

        rig.Do(BioOp.Write, Zone1, 4, (byte)'a', BioFlags.Fua).AssertEnded(BlockStatus.Ok);

        Assert.Equal([BioOp.Flush], seen);
    }

    [Fact]
    public void Closing_a_zone_a_second_time_is_not_what_its_submitter_asked_for()
    {
        using ZoneRig rig = new(2, device: new ZonedMemory(ZoneRig.Zones, ZoneRig.ZoneSectors, ZoneRig.Capacity) { ClosesOpenOnly = true });
        rig.Do(BioOp.ZoneOpen, Zone1).AssertEnded(BlockStatus.Ok);
        rig.DieAfter(0);

        rig.Do(BioOp.ZoneClose, Zone1).AssertEnded(BlockStatus.Ok);

        Assert.Equal(ZoneCondition.Empty, rig.Device[1].Condition);
    }

    [Theory]
    [InlineData(BioOp.ZoneOpen)]
    [InlineData(BioOp.ZoneClose)]
    [InlineData(BioOp.ZoneFinish)]
    [InlineData(BioOp.ZoneReset)]
    [InlineData(BioOp.ZoneResetAll)]
    public void What_changes_zones_goes_on_on_another_path(BioOp op)
    {
        foreach (int? sectors in new int?[] { 0, null })
        {
            using ZoneRig rig = new(2);
            rig.Do(BioOp.Write, Zone1, 4, (byte)'a');
            rig.DieAfter(0, sectors);

            rig.Do(op, op == BioOp.ZoneResetAll ? 0 : Zone1).AssertEnded(BlockStatus.Ok);
        }
    }

    [Theory]
    [InlineData(1, BlockStatus.Ok)]
    [InlineData(2, BlockStatus.IoError)]
    public void A_path_that_refuses_a_write_is_given_it_once_more_when_it_has_said_where_the_zone_is_written_next(int refused, BlockStatus expected)
    {
        using ZoneRig rig = new(1);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        int left = refused;
        rig.Rig[0].OnSubmit = attempt =>
        {
            if (left-- > 0)
            {
                attempt.End(BlockStatus.IoError);
            }
            else
            {
                rig.CarryOut(attempt);
            }
        };

        rig.Do(BioOp.Write, Zone1 + 1, 2, (byte)'b').AssertEnded(expected);

        rig.AssertData(Zone1, expected == BlockStatus.Ok ? "abb\0" : "a\0");
        rig.Do(BioOp.Write, rig.Device[1].WritePointer, 1, (byte)'c').AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void Each_path_that_refuses_a_write_is_given_it_once_more()
    {
        using ZoneRig rig = new(2);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        int[] attempts = [0, 0];
        rig.Rig[0].OnSubmit = attempt =>
        {
            if (attempts[0]++ == 0)
            {
                attempt.End(BlockStatus.IoError);
            }
            else
            {
                rig.Rig.Paths[0].SetDown();
                attempt.FailPath(BlockStatus.Transport);
            }
        };
        rig.Rig[1].OnSubmit = attempt =>
        {
            if (attempts[1]++ == 0)
            {
                attempt.End(BlockStatus.IoError);
            }
            else
            {
                rig.CarryOut(attempt);
            }
        };

        rig.Do(BioOp.Write, Zone1 + 1, 2, (byte)'b').AssertEnded(BlockStatus.Ok);

        Assert.Equal([2, 2], attempts);
        rig.AssertData(Zone1, "abb\0");
    }

    [Fact]
    public void Only_a_path_that_has_refused_the_write_is_given_it_once_more()
    {
        using ZoneRig rig = new(2);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        rig.DieAfter(0, 0);
        bool refused = false;
        rig.Rig[1].OnSubmit = attempt =>
        {
            if (refused)
            {
                rig.CarryOut(attempt);
            }
            else
            {
                refused = true;
                attempt.End(BlockStatus.IoError);
            }
        };

        rig.Do(BioOp.Write, Zone1 + 1, 2, (byte)'b').AssertEnded(BlockStatus.Ok);

        Assert.True(refused);
        rig.AssertData(Zone1, "abb\0");
    }

    [Fact]
    public void A_write_without_a_path_waits_and_the_zone_is_looked_at_when_one_is_back()
    {
        using ZoneRig rig = new(1);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        rig.DieAfter(0);
        Io unsure = rig.Do(BioOp.Write, Zone1 + 1, 1, (byte)'b');
        Io behind = rig.Do(BioOp.Write, Zone1 + 2, 1, (byte)'c');
        Assert.False(unsure.HasEnded);

        rig.Return(0);
        rig.Run();

        unsure.AssertEnded(BlockStatus.Ok);
        behind.AssertEnded(BlockStatus.Ok);
        rig.AssertData(Zone1, "abc");
        Assert.Equal(3, rig.Device.WritesTaken);
    }

    [Fact]
    public async Task A_write_that_waits_for_a_path_is_cancelled_at_once_and_the_next_one_follows()
    {
        using ZoneRig rig = new(1);
        rig.Lose(0);
        using CancellationTokenSource cancel = new();
        using Bio bio = Bio.Rent(BioOp.Write, Zone1, new byte[512]);
        Task<BlockStatus> waiting = rig.Disk.SubmitAsync(bio, cancel.Token).AsTask();
        rig.Run();
        Io next = rig.Do(BioOp.Write, Zone1, 1, (byte)'b');

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        rig.Return(0);
        rig.Run();

        next.AssertEnded(BlockStatus.Ok);
        rig.AssertData(Zone1, "b");
    }

    [Fact]
    public void Removing_the_disk_ends_what_waits_for_a_look_at_its_zone_without_one()
    {
        using ZoneRig rig = new(1);
        Io io = rig.Submit(BioOp.Write, Zone1, 1);

        rig.Disk.Remove();
        rig.Run();

        io.AssertEnded(BlockStatus.IoError);
        Assert.Equal(0, rig.Reports);
    }

    [Fact]
    public void A_report_that_fails_is_asked_for_through_another_path()
    {
        using ZoneRig rig = new(3);
        rig.OnReport = (path, _) => path.Name == "path2" ? null : -(int)Errno.EIO;

        rig.Do(BioOp.Write, Zone1, 1, (byte)'a').AssertEnded(BlockStatus.Ok);

        Assert.Equal(3, rig.Reports);
        Assert.Equal(2, rig.Rig.Log.Count(408));
    }

    [Fact]
    public void A_write_fails_when_no_path_can_say_where_its_zone_is_written_next()
    {
        using ZoneRig rig = new(2);
        rig.OnReport = (_, _) => throw new InvalidOperationException("a driver's fault");

        rig.Do(BioOp.Write, Zone1, 1).AssertEnded(BlockStatus.IoError);
        rig.OnReport = null;

        rig.Do(BioOp.Write, Zone1, 1, (byte)'a').AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void F29_the_zones_are_looked_at_again_when_a_path_is_set_live()
    {
        using ZoneRig rig = new(1);
        rig.Do(BioOp.ZoneAppend, Zone1, 1, (byte)'a').AssertEnded(BlockStatus.Ok);
        rig.Lose(0);

        // Another host.
        rig.Device.Execute(BioOp.Write, Zone1 + 1, new byte[2 << 9], out _);
        rig.Return(0);
        Io io = rig.Do(BioOp.ZoneAppend, Zone1, 1, (byte)'b');

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(Zone1 + 3, io.Bio.AppendedSector);
        Assert.Equal(2, rig.Reports);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void An_append_that_has_waited_for_a_path_goes_where_the_zone_is_written_next_by_then(int append)
    {
        using ZoneRig rig = new(1, append: append);
        rig.Do(BioOp.ZoneAppend, Zone1, 1, (byte)'a').AssertEnded(BlockStatus.Ok);
        rig.Lose(0);
        Io io = rig.Do(BioOp.ZoneAppend, Zone1, 1, (byte)'b');

        rig.Device.Execute(BioOp.Write, Zone1 + 1, new byte[2 << 9], out _);
        rig.Return(0);
        rig.Run();

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(Zone1 + 3, io.Bio.AppendedSector);
    }

    [Fact]
    public void A_clone_that_appends_says_where()
    {
        using ZoneRig rig = new(1, append: 8, template: rig => new CloningZones(rig));

        rig.Do(BioOp.ZoneAppend, Zone1, 1, (byte)'a');
        Io io = rig.Do(BioOp.ZoneAppend, Zone1, 1, (byte)'b');

        io.AssertEnded(BlockStatus.Ok);
        Assert.Equal(Zone1 + 1, io.Bio.AppendedSector);
    }

    private sealed class CloningZones(ZoneRig rig) : TestTemplate, IMpathZones, IMpathBioCloner
    {
        public Bio? CloneBio(Bio bio, MpathDevice path) => CloningTemplate.Clone(bio);

        public int ReportZones(MpathDevice path, long sector, Span<Zone> zones) => rig.Device.Report(sector, zones);
    }
}

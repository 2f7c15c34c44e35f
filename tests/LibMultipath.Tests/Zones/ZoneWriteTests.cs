using LibMultipath.Block;
using LibMultipath.Tests.Paths;
using LibMultipath.Zones;

namespace LibMultipath.Tests.Zones;

/// <summary>How what writes a zone takes turns.</summary>
public sealed class ZoneWriteTests
{
    private const int Zone1 = ZoneRig.ZoneSectors;
    private const int Zone2 = 2 * ZoneRig.ZoneSectors;

    [Fact]
    public void A_conventional_zone_is_written_whatever_it_says_of_a_write_pointer()
    {
        using ZoneRig rig = new(1);
        rig.Device.Change(0, zone => zone with { WritePointer = -1 });
        rig.Do(BioOp.Write, 0, 1, (byte)'a').AssertEnded(BlockStatus.Ok);
        rig.Do(BioOp.Write, 4, 1, (byte)'b').AssertEnded(BlockStatus.Ok);
    }

    [Theory]
    [InlineData(-1, ZoneCondition.NotWritePointer)]
    [InlineData(-1, ZoneCondition.Empty)]
    [InlineData(ZoneRig.ZoneSectors + ZoneRig.Capacity + 1, ZoneCondition.ImplicitlyOpen)]
    public void A_zone_that_does_not_say_where_it_is_written_next_is_not_written(long pointer, ZoneCondition condition)
    {
        using ZoneRig rig = new(1);
        rig.Device.Change(1, zone => zone with { WritePointer = pointer, Condition = condition });
        rig.Do(BioOp.Write, ZoneRig.ZoneSectors, 1, (byte)'a').AssertEnded(BlockStatus.IoError);
    }

    [Fact]
    public void One_write_a_zone_is_with_a_path_and_the_others_follow_in_order()
    {
        using ZoneRig rig = new(1);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a').AssertEnded(BlockStatus.Ok);
        rig.Rig[0].Hold = true;

        Io first = rig.Do(BioOp.Write, Zone1 + 1, 1, (byte)'b');
        Io second = rig.Do(BioOp.Write, Zone1 + 2, 1, (byte)'c');
        Assert.Single(rig.Rig[0].Held);
        rig.CarryOut(rig.Rig[0].Take());
        first.AssertEnded(BlockStatus.Ok);
        Assert.False(second.HasEnded);
        rig.CarryOut(rig.Rig[0].Take());

        second.AssertEnded(BlockStatus.Ok);
        rig.AssertData(Zone1, "abc");
    }

    [Fact]
    public void Writes_of_different_zones_go_side_by_side()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;

        rig.Do(BioOp.Write, Zone1, 1);
        rig.Do(BioOp.Write, Zone2, 1);

        Assert.Equal(2, rig.Rig[0].Held.Count);
        rig.CarryOut(rig.Rig[0].Take());
        rig.CarryOut(rig.Rig[0].Take());
    }

    [Fact]
    public void Reads_wait_for_nobody()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;
        rig.Do(BioOp.Write, Zone1, 1);

        rig.Do(BioOp.Read, Zone1, 1);

        Assert.Equal(2, rig.Rig[0].Held.Count);
        rig.CarryOut(rig.Rig[0].Take());
        rig.CarryOut(rig.Rig[0].Take());
    }

    [Fact]
    public void A_conventional_zone_is_written_anywhere_and_side_by_side_once_it_is_known()
    {
        using ZoneRig rig = new(1);
        rig.Do(BioOp.Write, 7, 1, (byte)'a').AssertEnded(BlockStatus.Ok);
        rig.Rig[0].Hold = true;

        rig.Do(BioOp.Write, 3, 1, (byte)'b');
        rig.Do(BioOp.Write, 1, 1, (byte)'c');

        Assert.Equal(2, rig.Rig[0].Held.Count);
        Assert.Equal(1, rig.Reports);
        rig.CarryOut(rig.Rig[0].Take());
        rig.CarryOut(rig.Rig[0].Take());
        rig.AssertData(1, "c");
        rig.AssertData(3, "b");
    }

    [Fact]
    public void A_zone_is_looked_at_once_before_its_first_write()
    {
        using ZoneRig rig = new(1);

        for (int i = 0; i < 5; i++)
        {
            rig.Do(BioOp.Write, Zone1 + i, 1).AssertEnded(BlockStatus.Ok);
        }

        Assert.Equal(1, rig.Reports);
    }

    [Fact]
    public void The_device_refuses_what_is_not_written_at_the_write_pointer()
    {
        using ZoneRig rig = new(2);
        rig.Do(BioOp.Write, Zone1, 2, (byte)'a').AssertEnded(BlockStatus.Ok);

        rig.Do(BioOp.Write, Zone1 + 3, 1, (byte)'b').AssertEnded(BlockStatus.IoError);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'b').AssertEnded(BlockStatus.IoError);
        rig.Do(BioOp.Write, Zone1 + 2, 1, (byte)'b').AssertEnded(BlockStatus.Ok);

        rig.AssertData(Zone1, "aab");
    }

    [Fact]
    public void The_parts_of_a_large_write_go_one_by_one()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;
        Io large = rig.Do(BioOp.Write, Zone1, 10, (byte)'a');
        Io next = rig.Do(BioOp.Write, Zone1 + 10, 1, (byte)'b');

        Assert.Equal(8 << 9, Assert.Single(rig.Rig[0].Held).Bio.Size);
        rig.CarryOut(rig.Rig[0].Take());
        Assert.Equal(2 << 9, Assert.Single(rig.Rig[0].Held).Bio.Size);
        rig.CarryOut(rig.Rig[0].Take());
        large.AssertEnded(BlockStatus.Ok);
        rig.CarryOut(rig.Rig[0].Take());

        next.AssertEnded(BlockStatus.Ok);
        rig.AssertData(Zone1, "aaaaaaaaaab");
    }

    [Fact]
    public void After_a_part_has_failed_the_others_are_not_begun()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].OnSubmit = attempt => attempt.Complete(BlockStatus.Medium);

        rig.Do(BioOp.Write, Zone1, 10).AssertEnded(BlockStatus.Medium);

        Assert.Single(rig.Rig.Picks);
    }

    [Fact]
    public void A_write_across_zones_takes_its_turn_in_each()
    {
        ZonedMemory device = new(ZoneRig.Zones, ZoneRig.ZoneSectors, capacity: ZoneRig.ZoneSectors);
        using ZoneRig rig = new(1, device: device);
        rig.Do(BioOp.Write, Zone1, 14, (byte)'a').AssertEnded(BlockStatus.Ok);

        Io across = rig.Do(BioOp.Write, Zone1 + 14, 4, (byte)'b');

        across.AssertEnded(BlockStatus.Ok);
        rig.AssertData(Zone1 + 14, "bbbb");
        Assert.Equal(Zone2 + 2, device[2].WritePointer);
    }

    [Fact]
    public void Writing_zeroes_takes_turns_as_writing_does_and_ends_at_the_zone()
    {
        ZonedMemory device = new(ZoneRig.Zones, ZoneRig.ZoneSectors, capacity: ZoneRig.ZoneSectors);
        using ZoneRig rig = new(1, device: device);

        Io zeroes = rig.Submit(BioOp.WriteZeroes, Zone1, 20);
        Io next = rig.Submit(BioOp.Write, Zone2 + 4, 1, (byte)'a');
        rig.Run();

        zeroes.AssertEnded(BlockStatus.Ok);
        next.AssertEnded(BlockStatus.Ok);
        Assert.Equal(Zone2 + 5, device[2].WritePointer);
    }

    [Fact]
    public void A_write_that_flushes_first_keeps_its_place()
    {
        using ZoneRig rig = new(1, QueueFeatures.WriteCache);
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        rig.Rig[0].Hold = true;

        Io flushes = rig.Submit(BioOp.Write, Zone1 + 1, 1, (byte)'b', BioFlags.PreFlush | BioFlags.Fua);
        Io next = rig.Submit(BioOp.Write, Zone1 + 2, 1, (byte)'c');
        List<BioOp> order = [];
        while (rig.Rig[0].Held.Count == 1)
        {
            order.Add(rig.Rig[0].Held[0].Bio.Op);
            rig.CarryOut(rig.Rig[0].Take());
        }

        Assert.Equal([BioOp.Flush, BioOp.Write, BioOp.Flush, BioOp.Write], order);
        flushes.AssertEnded(BlockStatus.Ok);
        next.AssertEnded(BlockStatus.Ok);
        rig.AssertData(Zone1, "abc");
    }

    [Theory]
    [InlineData(BioOp.ZoneReset)]
    [InlineData(BioOp.ZoneFinish)]
    [InlineData(BioOp.ZoneOpen)]
    [InlineData(BioOp.ZoneClose)]
    public void What_changes_a_zone_takes_turns_with_its_writes(BioOp op)
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;
        rig.Do(BioOp.Write, Zone1, 1);
        Io change = rig.Do(op, Zone1);
        Io after = rig.Do(BioOp.Write, Zone1 + 1, 1);

        Assert.Equal(BioOp.Write, Assert.Single(rig.Rig[0].Held).Bio.Op);
        rig.CarryOut(rig.Rig[0].Take());
        Assert.Equal(op, Assert.Single(rig.Rig[0].Held).Bio.Op);
        rig.CarryOut(rig.Rig[0].Take());
        change.AssertEnded(BlockStatus.Ok);
        rig.Run();
        rig.CarryOut(rig.Rig[0].Take());
        after.AssertEnded(op is BioOp.ZoneOpen or BioOp.ZoneClose ? BlockStatus.Ok : BlockStatus.IoError);
    }

    [Fact]
    public void A_reset_of_all_zones_waits_for_what_came_before_and_what_comes_after_waits_for_it()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        Io waiting = rig.Do(BioOp.Write, Zone1 + 1, 1, (byte)'a');
        Io reset = rig.Do(BioOp.ZoneResetAll, 0);
        Io after = rig.Do(BioOp.Write, Zone2, 1, (byte)'b');

        rig.CarryOut(rig.Rig[0].Take());
        rig.CarryOut(rig.Rig[0].Take());
        waiting.AssertEnded(BlockStatus.Ok);
        Assert.Equal(BioOp.ZoneResetAll, Assert.Single(rig.Rig[0].Held).Bio.Op);
        rig.CarryOut(rig.Rig[0].Take());
        reset.AssertEnded(BlockStatus.Ok);
        rig.Run();
        rig.CarryOut(rig.Rig[0].Take());

        after.AssertEnded(BlockStatus.Ok);
        Assert.Equal(ZoneCondition.Empty, rig.Device[1].Condition);
        rig.AssertData(Zone2, "b");
    }

    [Fact]
    public void Two_resets_of_all_zones_follow_one_another()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;

        Io first = rig.Do(BioOp.ZoneResetAll, 0);
        Io second = rig.Do(BioOp.ZoneResetAll, 0);
        Assert.Single(rig.Rig[0].Held);
        rig.CarryOut(rig.Rig[0].Take());
        first.AssertEnded(BlockStatus.Ok);
        rig.CarryOut(rig.Rig[0].Take());

        second.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void A_write_that_must_not_wait_does_not_wait_for_its_turn()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;
        rig.Do(BioOp.Write, Zone1, 1);

        rig.Do(BioOp.Write, Zone1 + 1, 1, flags: BioFlags.NoWait).AssertEnded(BlockStatus.Again);

        rig.CarryOut(rig.Rig[0].Take());
    }

    [Fact]
    public async Task A_write_that_waits_for_its_turn_is_cancelled_at_once_and_the_next_one_follows()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        using CancellationTokenSource cancel = new();
        using Bio bio = Bio.Rent(BioOp.Write, Zone1 + 1, new byte[512]);
        Task<BlockStatus> waiting = rig.Disk.SubmitAsync(bio, cancel.Token).AsTask();
        Io next = rig.Submit(BioOp.Write, Zone1 + 1, 1, (byte)'b');

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        rig.CarryOut(rig.Rig[0].Take());
        rig.Run();
        rig.CarryOut(rig.Rig[0].Take());

        next.AssertEnded(BlockStatus.Ok);
        rig.AssertData(Zone1, "ab");
    }

    [Fact]
    public async Task A_reset_of_all_zones_that_is_cancelled_holds_nobody_up()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;
        rig.Do(BioOp.Write, Zone1, 1, (byte)'a');
        using CancellationTokenSource cancel = new();
        using Bio bio = Bio.Rent(BioOp.ZoneResetAll);
        Task<BlockStatus> reset = rig.Disk.SubmitAsync(bio, cancel.Token).AsTask();
        Io next = rig.Submit(BioOp.Write, Zone2, 1, (byte)'b');

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reset);
        rig.CarryOut(rig.Rig[0].Take());
        rig.Run();
        rig.CarryOut(rig.Rig[0].Take());

        next.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public void Nothing_is_allocated_for_taking_turns_in_a_zone_that_is_known()
    {
        using ZoneRig rig = new(1, append: 8);
        rig.Rig[0].Observe = null;
        rig.Rig[0].OnSubmit = static attempt => attempt.CompleteAppend(Zone1);
        rig.Do(BioOp.Write, Zone1, 1).AssertEnded(BlockStatus.Ok);

        // A read takes none. What is allocated for both is what the read sections of a debug build remember.
        long[] allocated = [.. new[] { BioOp.Read, BioOp.Write, BioOp.ZoneAppend }.Select(op => AllocatedFor(rig, op))];

        Assert.All(allocated, bytes => Assert.Equal(allocated[0], bytes));
    }

    private static long AllocatedFor(ZoneRig rig, BioOp op)
    {
        using Bio bio = Bio.Rent(op, Zone1, new byte[512]);
        bio.EndIo = static _ => { };
        Submit(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Submit(1000);
        return GC.GetAllocatedBytesForCurrentThread() - before;

        void Submit(int times)
        {
            for (int i = 0; i < times; i++)
            {
                rig.Disk.Submit(bio);
            }

            Assert.Equal(BlockStatus.Ok, bio.Status);
        }
    }

    [Fact]
    public void Removing_the_disk_ends_what_waits_for_its_turn()
    {
        using ZoneRig rig = new(1);
        rig.Rig[0].Hold = true;
        Io with = rig.Do(BioOp.Write, Zone1, 1);
        Io[] waiting = [rig.Do(BioOp.Write, Zone1 + 1, 1), rig.Do(BioOp.ZoneResetAll, 0), rig.Do(BioOp.Write, Zone2, 10)];

        rig.Disk.Remove();
        rig.CarryOut(rig.Rig[0].Take());
        rig.Run();

        with.AssertEnded(BlockStatus.Ok);
        Assert.All(waiting, io => io.AssertEnded(BlockStatus.IoError));
    }
}

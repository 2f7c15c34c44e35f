using BdevDriver;
using BdevDriver.Abi;
using BdevDriver.Devices;
using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;

namespace Drivers.Tests;

/// <summary>A path's state follows its device's.</summary>
public sealed unsafe class BdevStateTests : IDisposable
{
    private const int Block = 4096;

    private readonly BdevRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_path_is_down_while_its_device_is_offline_and_comes_back_with_it()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        _rig.Add();
        Assert.True(path.Path!.IsUsable);
        device.Set("device/state", "offline");
        Eventually.True(() => !path.Path.IsLive, "the path to go down");
        Assert.Equal((BlockStatus.Ok, "offline", false), (Write(1), path.DeviceState, path.IsFailed));
        Assert.True(_rig.Template.AvailablePath(path.Path));
        device.Set("device/state", "running");
        Eventually.True(() => path.Path.IsUsable, "the path to come back");
        Assert.Contains(_rig.Log.Lines, line => line.Text.Contains("cannot be used, its state is offline", StringComparison.Ordinal));
        Eventually.True(
            () => _rig.Log.Lines.Any(line => line.Text.Contains("can be used again, its state is running", StringComparison.Ordinal)), "the path's return to be told");
    }

    [Fact]
    public void A_path_whose_device_is_offline_is_not_live_when_it_is_added()
    {
        (BdevPath path, FakeDevice device) = _rig.Add(device => device.Set("device/state", "transport-offline"));
        Assert.False(path.Path!.IsLive);
        device.Set("device/state", "running");
        Eventually.True(() => path.Path.IsUsable, "the path to come back");
    }

    [Fact]
    public void What_waits_while_every_device_is_offline_goes_on_when_one_is_back()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        device.Set("device/state", "blocked");
        Eventually.True(() => !path.Path!.IsLive, "the path to go down");
        using var flight = new Flight();
        flight.Submit(_rig.Disk, Bio.Rent(BioOp.Write, 0, Data.Filled(Block, 1)));
        Assert.Equal((0, 1), (flight.Ended, _rig.Disk.WaitingCount));
        device.Set("device/state", "running");
        flight.Wait();
        Assert.Equal(BlockStatus.Ok, Assert.Single(flight.Statuses));
    }

    [Fact]
    public void A_device_without_a_capacity_is_down()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        device.Bytes = 0;
        Eventually.True(() => !path.Path!.IsLive, "the path to go down");
        Assert.False(path.IsGone);
        device.Bytes = null;
        Eventually.True(() => path.Path!.IsUsable, "the path to come back");
    }

    [Fact]
    public void The_access_state_of_a_path_is_its_devices()
    {
        (BdevPath path, FakeDevice device) = _rig.Add(device => device.Set("device/access_state", "active/non-optimized"));
        Assert.Equal(MpathAccessState.NonOptimized, path.Path!.AccessState);
        device.Set("device/access_state", "standby");
        Eventually.True(() => path.Path.AccessState == MpathAccessState.Other, "the path to be unusable");
        device.Set("device/access_state", "active/optimized");
        Eventually.True(() => path.Path.AccessState == MpathAccessState.Optimized, "the path to be optimized");
    }

    [Fact]
    public void The_access_state_that_somebody_has_set_stays_until_the_device_has_another()
    {
        (BdevPath path, FakeDevice device) = _rig.Add(device => device.Set("device/access_state", "active/optimized"), MpathAccessState.NonOptimized);
        Assert.Equal(MpathAccessState.NonOptimized, path.Path!.AccessState);
        path.Check();
        Assert.Equal(MpathAccessState.NonOptimized, path.Path.AccessState);
        device.Set("device/access_state", "unavailable");
        Eventually.True(() => path.Path.AccessState == MpathAccessState.Other, "the device's state");
    }

    [Theory]
    [InlineData("active/non-optimized", MpathAccessState.NonOptimized)]
    [InlineData(null, MpathAccessState.Optimized)]
    public void A_path_whose_access_state_is_to_be_read_is_read(string? state, MpathAccessState expected)
    {
        (BdevPath path, _) = _rig.Add(device =>
        {
            if (state is not null)
            {
                device.Set("device/access_state", state);
            }
        });
        path.Path!.AccessState = state is null ? MpathAccessState.Optimized : MpathAccessState.Other;
        _rig.Template.RereadState(path.Path);
        Eventually.True(() => path.Path.AccessState == expected, "the state to be read");
    }

    [Fact]
    public void A_path_that_others_have_set_down_stays_down()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        path.Path!.SetDown();
        path.Check();
        Assert.False(path.Path.IsLive);
        device.Set("device/state", "offline");
        path.Check();
        device.Set("device/state", "running");
        path.Path.SetLive();
        path.Check();
        Assert.True(path.Path.IsLive);
    }

    [Fact]
    public void A_path_that_was_failed_is_not_brought_back_by_its_device()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        path.Fail();
        path.Check();
        Assert.Equal((true, false), (path.IsFailed, path.Path!.IsLive));
        Assert.Empty(Descriptors.Of(device.File));
        path.Restore();
        Assert.Equal((false, true), (path.IsFailed, path.Path.IsUsable));
    }

    [Fact]
    public void A_device_that_is_removed_is_let_go_and_its_path_is_gone()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        _rig.Add();
        BdevPath? told = null;
        path.Gone += gone => Volatile.Write(ref told, gone);
        device.Remove();
        Eventually.True(() => Volatile.Read(ref told) is not null, "somebody to be told");
        Assert.Same(path, told);
        Assert.Equal((true, true, "gone"), (path.IsGone, path.IsFailed, path.DeviceState));
        Assert.Empty(Descriptors.Of(device.File));
        Assert.False(_rig.Template.AvailablePath(path.Path!));
        Assert.Equal(BlockStatus.Ok, Write(2));
        Assert.Contains(_rig.Log.Lines, line => line.Text.Contains("was removed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_listener_that_throws_does_no_harm()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        path.Gone += _ => throw new InvalidOperationException("a fault of the test");
        device.Remove();
        Eventually.True(() => _rig.Log.Count(274) == 1, "the fault to be logged");
        device.PutBack();
        path.Restore();
        Assert.Equal(BlockStatus.Ok, Write(1));
    }

    [Fact]
    public void IO_ends_when_the_last_device_was_removed()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        device.Remove();
        Eventually.True(() => path.IsGone, "the path to be gone");
        Assert.Equal(BlockStatus.IoError, Write(1));
    }

    [Fact]
    public void A_device_that_has_become_another_one_is_not_written_any_more()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        device.Set("device/wwid", "naa.600140500000000000000000000000ff");
        Eventually.True(() => !path.Path!.IsLive, "the path to go down");
        Assert.Equal(("another device (naa.600140500000000000000000000000ff)", false), (path.DeviceState, path.IsGone));
        device.Set("device/wwid", BdevRig.Id);
        Eventually.True(() => path.Path!.IsUsable, "the path to come back");
    }

    [Fact]
    public void A_path_that_others_set_live_while_its_device_is_down_goes_down_again()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        device.Set("device/state", "offline");
        Eventually.True(() => !path.Path!.IsLive, "the path to go down");
        path.Path!.SetLive();
        Eventually.True(() => !path.Path.IsLive, "the path to go down again");
    }

    [Fact]
    public void A_path_that_is_gone_comes_back_when_the_same_device_does()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        device.Remove();
        Eventually.True(() => path.IsGone, "the path to be gone");
        device.PutBack();
        device.Sequence = 99;
        path.Restore();
        Assert.Equal((false, true, BlockStatus.Ok), (path.IsGone, path.Path!.IsUsable, Write(3)));
        device.Remove();
        Eventually.True(() => path.IsGone, "it to go again");
    }

    [Fact]
    public void A_path_that_is_gone_stays_so_when_another_device_has_its_name()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        device.Remove();
        Eventually.True(() => path.IsGone, "the path to be gone");
        device.PutBack();
        device.Set("device/wwid", "naa.600140500000000000000000000000ff");
        string refusal = Assert.Throws<BlockException>(path.Restore).Message;
        Assert.Contains("naa.600140500000000000000000000000ff", refusal, StringComparison.Ordinal);
        Assert.Contains(BdevRig.Id, refusal, StringComparison.Ordinal);
        Assert.True(path.IsGone);
        Assert.Empty(Descriptors.Of(device.File));
    }

    [Fact]
    public void A_device_without_an_id_comes_back_only_if_it_never_went()
    {
        (BdevPath path, FakeDevice device) = _rig.Add(device => device.Clear("device/wwid"));
        path.Fail();
        path.Restore();
        path.Fail();
        device.Sequence = 99;
        Assert.Contains("is not the device", Assert.Throws<BlockException>(path.Restore).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_disk_in_the_same_place_is_no_return_of_the_first()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        device.Sequence = 99;
        Eventually.True(() => path.IsGone, "the path to be gone");
    }

    [Fact]
    public void A_removed_path_leaves_no_descriptor_and_is_not_told_of_any_more()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        _rig.Head.Remove(path.Path!);
        Assert.Empty(Descriptors.Of(device.File));
        device.Remove();
        Assert.False(path.Check());
        Assert.False(path.IsGone);
    }

    [Fact]
    public void A_path_in_doubt_is_down_until_its_device_says_that_it_is_ready()
    {
        (BdevPath path, FakeDevice device) = _rig.Add();
        int asked = 0;
        bool ready = false;
        device.Answers = (command, argument) => Volatile.Read(ref ready) ? Answer(argument, 0) : Interlocked.Increment(ref asked) > 0 ? Answer(argument, 2) : 0;
        path.Suspect();
        Assert.False(path.Path!.IsLive);
        Eventually.True(() => Volatile.Read(ref asked) > 3, "the device to be asked");
        Assert.False(path.Path.IsLive);
        Volatile.Write(ref ready, true);
        Eventually.True(() => path.Path.IsUsable, "the path to come back");
    }

    [Fact]
    public void A_device_that_knows_no_SCSI_is_asked_to_read()
    {
        (BdevPath path, _) = _rig.Add();
        path.Suspect();
        Eventually.True(() => path.Path!.IsUsable, "the path to come back");
    }

    [Fact]
    public void A_path_that_answers_badly_because_of_its_access_state_is_not_in_doubt()
    {
        (BdevPath path, FakeDevice device) = _rig.Add(device => device.Set("device/access_state", "active/optimized"));
        device.Answers = static (_, argument) => Answer(argument, 2);
        path.Suspect();
        Assert.False(path.Path!.IsLive);
        device.Set("device/access_state", "standby");
        Eventually.True(() => path.Path.IsLive, "the reason to be known");
        Assert.Equal(MpathAccessState.Other, path.Path.AccessState);
        device.Set("device/access_state", "active/optimized");
        Eventually.True(() => path.Path.IsUsable, "the path to come back");
    }

    [Fact]
    public void What_was_under_way_on_a_path_that_went_down_has_failed_with_it_even_if_all_is_well_again()
    {
        (BdevPath path, FakeDevice device) = _rig.Add(options: options => options with { Poll = TimeSpan.FromHours(1), CalmPoll = TimeSpan.FromHours(1) });
        var flush = new DeviceFailure(default, ToldOnce: true, BlockStatus.IoError);
        Assert.Equal(DeviceCondition.Works, path.Look([flush]).Device.Condition);
        Eventually.True(
            () =>
            {
                device.Set("device/state", "offline");
                Assert.Equal(DeviceCondition.Down, path.Look([flush]).Device.Condition);
                device.Set("device/state", "running");
                return path.Look([flush]).Device.Condition == DeviceCondition.Down;
            },
            "a look between those of the path's own watch, which looks once when it begins");
        Assert.True(path.Path!.IsUsable);
        Assert.Equal(DeviceCondition.Works, path.Look([flush]).Device.Condition);
    }

    // To TEST UNIT READY: good, or not ready.
    private static int Answer(void* argument, byte status)
    {
        var header = (sg_io_hdr*)argument;
        (header->status, header->sb_len_wr) = (status, 18);
        (((byte*)header->sbp)[0], ((byte*)header->sbp)[2]) = (0x70, 2);
        return 0;
    }

    private BlockStatus Write(byte value) => _rig.Run(Bio.Rent(BioOp.Write, 0, Data.Filled(Block, value)));
}

using BdevDriver.Devices;
using LibMultipath.Paths;

namespace Drivers.Tests;

/// <summary>What the states of devices mean for their paths.</summary>
public sealed class BdevLookTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("running")]
    [InlineData("live")]
    public void A_device_that_runs_or_has_no_state_works(string? state) =>
        Assert.Equal(DeviceCondition.Works, DeviceLook.ConditionOf(state));

    [Theory]
    [InlineData("created")]
    [InlineData("cancel")]
    [InlineData("deleted")]
    [InlineData("quiesce")]
    [InlineData("offline")]
    [InlineData("transport-offline")]
    [InlineData("blocked")]
    [InlineData("created-blocked")]
    [InlineData("new")]
    [InlineData("resetting")]
    [InlineData("connecting")]
    [InlineData("deleting")]
    [InlineData("deleting (no IO)")]
    [InlineData("dead")]
    [InlineData("what a later kernel has")]
    public void A_device_in_any_other_state_is_down(string state) =>
        Assert.Equal(DeviceCondition.Down, DeviceLook.ConditionOf(state));

    [Theory]
    [InlineData("active/optimized", MpathAccessState.Optimized)]
    [InlineData("active/non-optimized", MpathAccessState.NonOptimized)]
    [InlineData("lba-dependent", MpathAccessState.NonOptimized)]
    [InlineData("standby", MpathAccessState.Other)]
    [InlineData("unavailable", MpathAccessState.Other)]
    [InlineData("offline", MpathAccessState.Other)]
    [InlineData("transitioning", MpathAccessState.Other)]
    [InlineData("optimized", MpathAccessState.Optimized)]
    [InlineData("non-optimized", MpathAccessState.NonOptimized)]
    [InlineData("inaccessible", MpathAccessState.Other)]
    [InlineData("persistent-loss", MpathAccessState.Other)]
    [InlineData("change", MpathAccessState.Other)]
    public void An_access_state_of_ALUA_or_ANA_is_one_of_the_librarys(string state, MpathAccessState expected) =>
        Assert.Equal(expected, DeviceLook.AccessOf(state));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_device_without_ALUA_or_ANA_has_no_access_state(string? state) => Assert.Null(DeviceLook.AccessOf(state));
}

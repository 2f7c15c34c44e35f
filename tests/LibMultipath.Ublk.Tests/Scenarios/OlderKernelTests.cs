using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;
using LibMultipath.Ublk.Tests.Kit;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>What a stable distribution's kernel offers works there.</summary>
public sealed class OlderKernelTests
{
    [UblkTheory(Seconds = 300, Kernel = "6.12")]
    [InlineData(UblkDataMode.Copy)]
    [InlineData(UblkDataMode.GetData)]
    [InlineData(UblkDataMode.UserCopy)]
    public void Verified_io_in_every_mode(UblkDataMode mode)
    {
        using UblkRig rig = UblkRig.Start(mode.ToFeatures(), megabytes: 16);
        Shell.Verify(rig.Disk, "8");
        Assert.True(rig.Runner!.Stop(Eventually.Limit));
    }

    [UblkFact(Seconds = 120, Kernel = "6.12")]
    public void A_request_that_a_dead_server_had_is_done_again_by_the_next()
    {
        using UblkRig rig = UblkRig.Start(UblkFeatures.UserRecovery | UblkFeatures.UserRecoveryReissue, _ => new MemoryTarget(), megabytes: 8);
        var target = (MemoryTarget)rig.Target;
        target.Hold();
        Task read = Task.Run(() => Shell.Run($"dd if={rig.Disk} of=/dev/null bs=4k count=1 iflag=direct"));
        Eventually.True(() => target.Held == 1, "the request to be with the server");
        rig.Runner!.Abandon();

        using UblkDevice again = UblkDevice.Recover(rig.Control, rig.Device.Id);
        using UblkRunner runner = UblkRunner.Start(again, new MemoryTarget());
        Assert.True(read.Wait(Eventually.Limit));
        Assert.True(runner.Stop(Eventually.Limit));
    }
}

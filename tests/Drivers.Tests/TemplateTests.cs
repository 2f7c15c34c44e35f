using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LoopDriver;
using NullDriver;

namespace Drivers.Tests;

public sealed class TemplateTests
{
    public static TheoryData<string> Drivers => ["null", "loop"];

    [Theory]
    [MemberData(nameof(Drivers))]
    public void A_path_with_an_access_state_error_is_used_again_when_its_state_was_read(string driver)
    {
        var policy = new MpathIoPolicy(IoPolicies.Numa);
        using var head = new MpathHead("head", driver == "null" ? new NullHeadTemplate(policy) : new LoopHeadTemplate(policy));
        using var disk = new MpathDisk(head);
        var path = new MpathDevice(new MpathController(0), new OnceInaccessible(), accessState: MpathAccessState.NonOptimized);
        head.Add(path);
        path.SetLive();

        Assert.Equal(BlockStatus.Ok, Flight.Run(disk, Bio.Rent(BioOp.Write, 0, new byte[512])));

        Assert.Equal(1, path.Statistics.Failovers);
        Assert.False(path.IsPending);
        Assert.Equal(MpathAccessState.NonOptimized, path.AccessState);
        head.Remove(path);
    }

    private sealed class OnceInaccessible() : DriverDisk("path", capacitySectors: 8)
    {
        private bool _told;

        protected override void SubmitBio(BioAttempt attempt)
        {
            if (_told)
            {
                attempt.Complete(BlockStatus.Ok);
                return;
            }

            _told = true;
            attempt.FailAccessState(BlockStatus.Transport);
        }
    }
}

using LibMultipath.Block;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>What becomes of a server's errors.</summary>
public sealed class PathErrorTests(ITestOutputHelper output) : PathTests
{
    [ToolTheory("nbdkit")]
    [InlineData("EIO", BlockStatus.IoError)]
    [InlineData("ESHUTDOWN", BlockStatus.Offline)]
    [InlineData("ENOSPC", BlockStatus.NoSpace)]
    [InlineData("EINVAL", BlockStatus.Invalid)]
    [InlineData("EPERM", BlockStatus.Target)]
    [InlineData("ENOMEM", BlockStatus.Resource)]
    public void An_error_of_the_only_path_is_the_end_of_the_io(string error, BlockStatus status)
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", Failing(error));
        Rig.Add(Addresses.Of(server));
        byte[] data = new byte[4096];

        Assert.Equal(status, NbdRig.Await(Rig.Disk.WriteAsync(0, data)));
        Assert.Equal(status, NbdRig.Await(Rig.Disk.ReadAsync(0, data)));

        // The connection is as good as before.
        Assert.True(Rig.Paths[0].IsConnected);
        Assert.Equal(BlockStatus.Ok, NbdRig.Await(Rig.Disk.FlushAsync()));
    }

    [ToolTheory("nbdkit")]
    [InlineData("EIO")]
    [InlineData("ESHUTDOWN")]
    public void An_error_of_a_path_sends_the_io_to_the_other(string error)
    {
        string image = Folder.File("image", 1 << 20);
        using NbdkitServer bad = NbdkitServer.File(Folder, "bad", image, Failing(error));
        using NbdkitServer good = NbdkitServer.File(Folder, "good", image);
        Rig.Add(Addresses.Of(bad));
        Rig.Add(Addresses.Of(good));
        byte[] data = Data.Random(65536, 1);

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(BlockStatus.Ok, Rig.Write(0, data));
            Assert.Equal(data, Rig.Read(0, data.Length));
        }

        Assert.True(Rig.Devices[0].Statistics.Failovers > 0);
        Assert.Equal(0, Rig.Devices[1].Statistics.Failovers);
    }

    [ToolTheory("nbdkit")]
    [InlineData("ENOSPC", BlockStatus.NoSpace)]
    [InlineData("EINVAL", BlockStatus.Invalid)]
    public void An_error_that_every_path_would_have_is_not_tried_on_another(string error, BlockStatus status)
    {
        using NbdkitServer one = NbdkitServer.Memory(Folder, "a", "1M", Failing(error));
        using NbdkitServer two = NbdkitServer.Memory(Folder, "b", "1M", Failing(error));
        Rig.Add(Addresses.Of(one));
        Rig.Add(Addresses.Of(two));

        Assert.Equal(status, Rig.Write(0, new byte[512]));

        Assert.All(Rig.Devices, path => Assert.Equal(0, path.Statistics.Failovers));
    }

    [ToolFact("nbdkit")]
    public async Task A_load_over_a_path_that_fails_now_and_then_sees_no_error()
    {
        string image = Folder.File("image", 4 << 20);
        using NbdkitServer bad = NbdkitServer.File(Folder, "bad", image, Failing("EIO") with { Parameters = ["error=EIO", "error-rate=10%"] });
        using NbdkitServer good = NbdkitServer.File(Folder, "good", image);
        Rig.Add(Addresses.Of(bad));
        Rig.Add(Addresses.Of(good));
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(output));

        load.AwaitProgress(3000);

        await load.AssertGoodAsync();
        Assert.True(Rig.Devices[0].Statistics.Failovers > 0);
    }

    // Reads and writes fail, and nothing else.
    private static NbdkitOptions Failing(string error) => new()
    {
        Filters = ["error"],
        Parameters = [$"error-pread={error}", "error-pread-rate=100%", $"error-pwrite={error}", "error-pwrite-rate=100%"],
    };
}

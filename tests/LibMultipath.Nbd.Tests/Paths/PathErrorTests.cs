using LibMultipath.Block;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>What becomes of a server's errors.</summary>
public sealed class PathErrorTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly NbdRig _rig = new();

    public void Dispose()
    {
        _rig.Dispose();
        _folder.Dispose();
    }

    [ToolTheory("nbdkit")]
    [InlineData("EIO", BlockStatus.IoError)]
    [InlineData("ESHUTDOWN", BlockStatus.Offline)]
    [InlineData("ENOSPC", BlockStatus.NoSpace)]
    [InlineData("EINVAL", BlockStatus.Invalid)]
    [InlineData("EPERM", BlockStatus.Target)]
    [InlineData("ENOMEM", BlockStatus.Resource)]
    public void An_error_of_the_only_path_is_the_end_of_the_io(string error, BlockStatus status)
    {
        using NbdkitServer server = NbdkitServer.Memory(_folder, "a", "1M", Failing(error));
        _rig.Add(Addresses.Of(server));
        byte[] data = new byte[4096];

        Assert.Equal(status, NbdRig.Await(_rig.Disk.WriteAsync(0, data)));
        Assert.Equal(status, NbdRig.Await(_rig.Disk.ReadAsync(0, data)));

        // The connection is as good as before.
        Assert.True(_rig.Paths[0].IsConnected);
        Assert.Equal(BlockStatus.Ok, NbdRig.Await(_rig.Disk.FlushAsync()));
    }

    [ToolTheory("nbdkit")]
    [InlineData("EIO")]
    [InlineData("ESHUTDOWN")]
    public void An_error_of_a_path_sends_the_io_to_the_other(string error)
    {
        string image = _folder.File("image", 1 << 20);
        using NbdkitServer bad = NbdkitServer.File(_folder, "bad", image, Failing(error));
        using NbdkitServer good = NbdkitServer.File(_folder, "good", image);
        _rig.Add(Addresses.Of(bad));
        _rig.Add(Addresses.Of(good));
        byte[] data = Data.Random(65536, 1);

        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(BlockStatus.Ok, _rig.Write(0, data));
            Assert.Equal(data, _rig.Read(0, data.Length));
        }

        Assert.True(_rig.Devices[0].Statistics.Failovers > 0);
        Assert.Equal(0, _rig.Devices[1].Statistics.Failovers);
    }

    [ToolTheory("nbdkit")]
    [InlineData("ENOSPC", BlockStatus.NoSpace)]
    [InlineData("EINVAL", BlockStatus.Invalid)]
    public void An_error_that_every_path_would_have_is_not_tried_on_another(string error, BlockStatus status)
    {
        using NbdkitServer one = NbdkitServer.Memory(_folder, "a", "1M", Failing(error));
        using NbdkitServer two = NbdkitServer.Memory(_folder, "b", "1M", Failing(error));
        _rig.Add(Addresses.Of(one));
        _rig.Add(Addresses.Of(two));

        Assert.Equal(status, _rig.Write(0, new byte[512]));

        Assert.All(_rig.Devices, path => Assert.Equal(0, path.Statistics.Failovers));
    }

    [ToolFact("nbdkit")]
    public async Task A_load_over_a_path_that_fails_now_and_then_sees_no_error()
    {
        string image = _folder.File("image", 4 << 20);
        using NbdkitServer bad = NbdkitServer.File(_folder, "bad", image, Failing("EIO") with { Parameters = ["error=EIO", "error-rate=10%"] });
        using NbdkitServer good = NbdkitServer.File(_folder, "good", image);
        _rig.Add(Addresses.Of(bad));
        _rig.Add(Addresses.Of(good));
        using var load = new VerifiedLoad(_rig.Disk, Seeds.Next(output));

        load.AwaitProgress(3000);

        await load.AssertGoodAsync();
        Assert.True(_rig.Devices[0].Statistics.Failovers > 0);
    }

    // Reads and writes fail, and nothing else.
    private static NbdkitOptions Failing(string error) => new()
    {
        Filters = ["error"],
        Parameters = [$"error-pread={error}", "error-pread-rate=100%", $"error-pwrite={error}", "error-pwrite-rate=100%"],
    };
}

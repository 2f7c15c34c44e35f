using Drivers.Tests.Kit;
using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Paths;
using LoopDriver;

namespace Drivers.Tests;

public sealed class LoopAttributeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_path_shows_its_file() => AssertShown(direct: false, dio: "0\n");

    [DirectIoFact]
    public void A_path_past_the_page_cache_says_so() => AssertShown(direct: true, dio: "1\n");

    [Fact]
    public void F18_a_path_of_another_driver_shows_nothing_of_a_file()
    {
        using var rig = new LoopRig(LoopEngine.Threads, _folder.Make("disk", 64 * 1024));
        rig.Head.Add(new MpathDevice(new MpathController(0), new NullDriver.NullPath("other", new NullDriver.NullOptions { CapacitySectors = 128 })));
        using var attributes = new MpathAttributes(rig.Head);
        Assert.Equal("optimized\n", attributes.Show("path/0/access_state"));
        Assert.Equal(Errno.ENOENT, Assert.Throws<BlockException>(() => attributes.Show("path/0/loop/backing_file")).Errno);
    }

    private void AssertShown(bool direct, string dio)
    {
        string file = _folder.Make("disk", 64 * 1024);
        using var rig = new LoopRig(LoopEngine.Threads, file);
        using LoopPath path = rig.Add(direct: direct);
        using var attributes = new MpathAttributes(rig.Head);
        Assert.Equal($"{file}\n", attributes.Show("path/0/loop/backing_file"));
        Assert.Equal(dio, attributes.Show("multipath/path0/loop/dio"));
        Assert.Equal(Errno.EACCES, Assert.Throws<BlockException>(() => attributes.Store("path/0/loop/dio", "1")).Errno);
    }
}

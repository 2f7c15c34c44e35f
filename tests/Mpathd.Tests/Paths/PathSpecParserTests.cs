using LibMultipath.Paths;
using Mpathd.Paths;

namespace Mpathd.Tests.Paths;

public sealed class PathSpecParserTests
{
    [Theory]
    [InlineData("loop:disk.img", "disk.img", false, -1)]
    [InlineData("loop:/a/b c,direct", "/a/b c", true, -1)]
    [InlineData("loop:a:b,node=0", "a:b", false, 0)]
    [InlineData("loop:f,node=1023,direct", "f", true, 1023)]
    public void A_loop_path_has_a_file_and_options_in_any_order(string text, string file, bool direct, int node) =>
        Assert.Equal(new LoopPathSpec(file, direct, node), PathSpecParser.Parse(text));

    [Theory]
    [InlineData("bdev:/dev/sda", "/dev/sda", null, null, -1)]
    [InlineData("bdev:/dev/disk/by-id/wwn-0x5000,node=1", "/dev/disk/by-id/wwn-0x5000", null, null, 1)]
    [InlineData("bdev:sda,state=non-optimized,controller=65535,node=0", "sda", 65535, MpathAccessState.NonOptimized, 0)]
    [InlineData("bdev:sda,controller=0,state=inaccessible", "sda", 0, MpathAccessState.Other, -1)]
    public void A_path_to_a_device_has_a_device_and_options_in_any_order(string text, string device, int? controller, MpathAccessState? state, int node) =>
        Assert.Equal(new BdevPathSpec(device, controller, state, node), PathSpecParser.Parse(text));

    [Theory]
    [InlineData("loop:/f,direct,node=3")]
    [InlineData("bdev:/dev/sda")]
    [InlineData("bdev:/dev/sda,node=1,controller=7,state=optimized")]
    [InlineData("null:size=1G,latency=5ms,node=0")]
    public void A_path_is_written_as_it_is_read(string text) => Assert.Equal(text, PathSpecText.Format(PathSpecParser.Parse(text)));

    [Theory]
    [InlineData("null:size=1G", 1L << 30, 0, -1)]
    [InlineData("null:size=4k,latency=100us", 4096, 100, -1)]
    [InlineData("null:node=2,latency=10s,size=1024T", 1L << 50, 10_000_000, 2)]
    public void A_null_path_has_a_size_and_options_in_any_order(string text, long size, long microseconds, int node) =>
        Assert.Equal(new NullPathSpec(size, TimeSpan.FromMicroseconds(microseconds), node), PathSpecParser.Parse(text));

    [Theory]
    [InlineData("", "loop:FILE[,direct][,node=N]")]
    [InlineData("disk.img", "null:size=1G[,latency=100us][,node=N]")]
    [InlineData("loop", "is not a path")]
    [InlineData("Loop:disk.img", "is not a path")]
    [InlineData("iscsi:host", "is not a path")]
    [InlineData("loop:", "names no file")]
    [InlineData("loop:,direct", "names no file")]
    [InlineData("loop:node=1", "names no file")]
    [InlineData("loop:f,Direct", "'Direct'")]
    [InlineData("loop:f,", "''")]
    [InlineData("loop:f,latency=1ms", "give direct or node=N")]
    [InlineData("loop:f,direct,direct", "direct twice")]
    [InlineData("loop:f,node=1,node=1", "node twice")]
    [InlineData("loop:f,node=-1", "0 to 1023")]
    [InlineData("loop:f,node=1024", "0 to 1023")]
    [InlineData("loop:f,node=", "node=0")]
    [InlineData("bdev", "is not a path")]
    [InlineData("bdev:", "names no device; give bdev:DEVICE[,node=N][,controller=N][,state=S], such as bdev:/dev/sda")]
    [InlineData("bdev:state=optimized", "names no device")]
    [InlineData("bdev:/dev/sda,direct", "there is no option 'direct' of a bdev path; give node=N, controller=N or state=S")]
    [InlineData("bdev:/dev/sda,state=gone", "state there is no state 'gone'; give optimized, non-optimized or inaccessible")]
    [InlineData("bdev:/dev/sda,controller=65536", "controller '65536' is out of range; give 0 to 65535, such as controller=0")]
    [InlineData("bdev:/dev/sda,controller=-1", "0 to 65535")]
    [InlineData("bdev:/dev/sda,controller=1,controller=1", "controller twice")]
    [InlineData("bdev:/dev/sda,node=1024", "0 to 1023")]
    [InlineData("null:", "null:size=1G")]
    [InlineData("null:latency=1ms", "has no size")]
    [InlineData("null:size=", "is not a size")]
    [InlineData("null:size=1X", "'1X' is not a size")]
    [InlineData("null:size=4095", "4K to 1024T")]
    [InlineData("null:size=4097", "a multiple of 512")]
    [InlineData("null:size=1025T", "4K to 1024T")]
    [InlineData("null:size=1G,size=1G", "size twice")]
    [InlineData("null:size=1G,latency=5", "is not a duration")]
    [InlineData("null:size=1G,latency=11s", "0s to 10s")]
    [InlineData("null:size=1G,latency=1s,latency=1s", "latency twice")]
    [InlineData("null:size=1G,direct", "'direct'")]
    public void What_is_no_path_is_named_with_what_to_give(string text, string says)
    {
        string message = Assert.Throws<FormatException>(() => PathSpecParser.Parse(text)).Message;
        Assert.Contains($"'{text}'", message);
        Assert.Contains(says, message);
    }
}

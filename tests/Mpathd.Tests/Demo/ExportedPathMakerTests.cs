using LibMultipath.Nbd.Client;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Demo;
using Mpathd.Paths;

namespace Mpathd.Tests.Demo;

public sealed class ExportedPathMakerTests
{
    [Fact]
    public void It_can_be_ended_more_than_once_and_by_more_than_one()
    {
        using var folder = new TempFolder();
        using var group = new PathGroup("demo", new NbdHeadTemplate(new MpathIoPolicy(IoPolicies.Numa)), delayedRemovalSecs: 0);
        using var maker = new ExportedPathMaker(folder.File("disk.img", 1 << 20, new Random(1)));
        var path = (ExportedPath)group.Add(maker);
        string socket = path.Export.PathSpec["nbd:unix:".Length..];
        Assert.True(File.Exists(socket));

        Parallel.For(0, 8, _ => maker.Dispose());

        path.Export.Kill();
        Assert.False(Directory.Exists(Path.GetDirectoryName(socket)));
        Assert.Throws<ObjectDisposedException>(() => group.Add(maker));
    }
}

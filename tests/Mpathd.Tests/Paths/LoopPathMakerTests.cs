using LibMultipath.Selection;
using LoopDriver;
using Mpathd.Paths;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Paths;

public sealed class LoopPathMakerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_path_whose_file_is_gone_cannot_be_restored_and_the_remedy_is_told()
    {
        string file = _folder.File("disk.img", 4096);
        using PathGroup group = GroupOf(file);
        ManagedPath path = group.Paths[0];
        path.Fail();
        File.Delete(file);
        MpathdException exception = Assert.Throws<MpathdException>(path.Restore);
        Assert.Equal(ExitCode.SystemLacks, exception.Code);
        Assert.Contains("name a file that exists", exception.Remedy);
        Assert.True(path.IsFailed);
    }

    [Fact]
    public void A_path_is_not_restored_to_another_file()
    {
        string file = _folder.File("disk.img", 4096);
        using PathGroup group = GroupOf(file);
        ManagedPath path = group.Paths[0];
        path.Fail();
        File.Move(_folder.File("other.img", 4096), file, overwrite: true);
        MpathdException exception = Assert.Throws<MpathdException>(path.Restore);
        Assert.Equal(ExitCode.SystemLacks, exception.Code);
        Assert.Contains("is not the file that loop0 was opened for", exception.Message);
    }

    [Fact]
    public void A_path_that_could_not_be_added_takes_no_number()
    {
        string file = _folder.File("disk.img", 4096);
        using PathGroup group = GroupOf(file);
        var other = new LoopPathMaker(new LoopOptions { File = _folder.File("other.img", 8192) });
        Assert.Throws<MpathdException>(() => group.Add(other));
        Assert.Equal(1, group.Add(new LoopPathMaker(new LoopOptions { File = file })).Number);
    }

    private static PathGroup GroupOf(string file)
    {
        var group = new PathGroup("test", new LoopHeadTemplate(new(IoPolicies.Numa)), delayedRemovalSecs: 0);
        group.Add(new LoopPathMaker(new LoopOptions { File = file }));
        return group;
    }
}

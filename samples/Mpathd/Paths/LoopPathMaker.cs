using LibMultipath.Block;
using LibMultipath.Topology;
using LoopDriver;

namespace Mpathd.Paths;

/// <summary>Makes loop paths to one file, each with a descriptor and a controller of its own.</summary>
internal sealed class LoopPathMaker(LoopOptions options, int node = NumaNode.None, string? expected = null) : DescriptorPathMaker<LoopPath>(node, expected)
{
    protected override string GiveTheSame => "give paths that all lead to one file: the same name, or links to it";

    protected override string OpenAlikeOtherwise => "open all paths in the same way: all of them with ',direct', or none";

    protected override LoopPath Open(int number) => LoopPath.Open($"loop{number}", options);

    protected override string IdentityOf(LoopPath path) => $"file: {path.Identity}";

    protected override void Resize(LoopPath path, long sectors) => path.Resize(sectors);

    protected override string RemedyOf(BlockException exception) => exception.Errno switch
    {
        Errno.ENOENT => "name a file that exists",
        Errno.EACCES or Errno.EPERM => "change its mode or owner, or run as a user who may use it",
        Errno.ENXIO => "a path leads to one file for as long as it is there; remove it, and add one to the other file",
        Errno.EMFILE or Errno.ENFILE => "allow more open files, such as with ulimit -n 4096 or LimitNOFILE",
        _ => "use another file",
    };
}

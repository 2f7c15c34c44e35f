using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Topology;
using LoopDriver;

namespace Mpathd.Paths;

/// <summary>Makes loop paths to one file, each with a descriptor and a controller of its own.</summary>
internal sealed class LoopPathMaker : IPathMaker
{
    private readonly LoopOptions _options;
    private readonly int _node;

    public LoopPathMaker(LoopOptions options, int node = NumaNode.None)
    {
        _options = options;
        _node = node;
    }

    public ManagedPath AddPath(MpathHead head, int number)
    {
        LoopPath loop = Open($"loop{number}");
        try
        {
            return new ManagedPath(loop.AddTo(head, new MpathController(number), _node), loop.Fail, loop.Restore);
        }
        catch (BlockException exception)
        {
            loop.Dispose();
            throw MpathdException.WrongArguments(
                exception.Message, "give paths that all lead to one file: the same name, or links to it");
        }
        catch (ArgumentException exception)
        {
            loop.Dispose();
            throw MpathdException.WrongArguments(exception.Message, "open all paths in the same way: all of them with ',direct', or none");
        }
    }

    private LoopPath Open(string name)
    {
        try
        {
            return LoopPath.Open(name, _options);
        }
        catch (BlockException exception)
        {
            throw MpathdException.SystemLacks(exception.Message, Remedy(exception.Errno), exception);
        }
    }

    private static string Remedy(Errno errno) => errno switch
    {
        Errno.ENOENT => "name a file that exists, or have it made with --create SIZE, such as --create 1G",
        Errno.EACCES or Errno.EPERM => "change its mode or owner, or run as a user who may use it",
        _ => "use another file",
    };
}

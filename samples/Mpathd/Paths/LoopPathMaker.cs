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
    private readonly FileIdentity? _expected;

    /// <summary>Makes the maker; nothing is opened before there is a path to make.</summary>
    /// <param name="options">The file, and how it is used.</param>
    /// <param name="node">The node that its paths are near to.</param>
    /// <param name="expected">The file that it has to be, when the head may have no path that would tell; null for any.</param>
    public LoopPathMaker(LoopOptions options, int node = NumaNode.None, FileIdentity? expected = null)
    {
        _options = options;
        _node = node;
        _expected = expected;
    }

    public ManagedPath AddPath(MpathHead head, int number)
    {
        LoopPath loop = Open($"loop{number}");
        try
        {
            EnsureExpected(loop);
            return new ManagedPath(loop.AddTo(head, new MpathController(number), _node), loop.Fail, () => Restore(loop), loop.Resize);
        }
        catch (MpathdException)
        {
            loop.Dispose();
            throw;
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
            throw MpathdException.WrongArguments(
                exception.Message,
                loop.WhyNoRing is { } why ? $"let it use a ring like the others: {why}" : "open all paths in the same way: all of them with ',direct', or none");
        }
    }

    private void EnsureExpected(LoopPath loop)
    {
        if (_expected is { } expected && loop.Identity != expected)
        {
            throw MpathdException.WrongArguments(
                $"{loop.File} ({loop.Identity}) is not the file of the disk ({expected})", "name that one, or a link to it");
        }
    }

    private static void Restore(LoopPath loop)
    {
        try
        {
            loop.Restore();
        }
        catch (BlockException exception)
        {
            throw MpathdException.SystemLacks(exception.Message, Remedy(exception.Errno), exception);
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
        Errno.ENOENT => "name a file that exists",
        Errno.EACCES or Errno.EPERM => "change its mode or owner, or run as a user who may use it",
        Errno.ENXIO => "a path leads to one file for as long as it is there; remove it, and add one to the other file",
        Errno.EMFILE or Errno.ENFILE => "allow more open files, such as with ulimit -n 4096 or LimitNOFILE",
        _ => "use another file",
    };
}

using LibMultipath.Paths;
using LibMultipath.Topology;
using NullDriver;

namespace Mpathd.Paths;

/// <summary>Makes null paths, each with a controller of its own.</summary>
internal sealed class NullPathMaker : IPathMaker
{
    private readonly NullOptions _options;
    private readonly int _node;

    public NullPathMaker(NullOptions options, int node = NumaNode.None)
    {
        _options = options;
        _node = node;
    }

    public ManagedPath AddPath(MpathHead head, int number)
    {
        var path = new NullPath($"null{number}", _options);
        return new ManagedPath(path.AddTo(head, new MpathController(number), _node), path.Fail, path.Fail, path.Restore, path.Resize);
    }
}

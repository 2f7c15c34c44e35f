using LibMultipath.Paths;
using LibMultipath.Selection;
using LoopDriver;
using Mpathd.Paths;

namespace Mpathd.Tests.Kit;

/// <summary>Makes groups of paths.</summary>
internal static class Group
{
    public static PathGroup Of(IPathMaker maker, int paths, PathSelector? policy = null)
    {
        var group = new PathGroup("test", new LoopHeadTemplate(new MpathIoPolicy(policy ?? IoPolicies.Numa)), delayedRemovalSecs: 60);
        for (int i = 0; i < paths; i++)
        {
            group.Add(maker);
        }

        return group;
    }
}

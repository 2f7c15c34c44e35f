using LibMultipath.Block;
using LibMultipath.Selection;

namespace LibMultipath.Benchmarks.Rig;

/// <summary>About the least that a user's selector does.</summary>
internal sealed class FirstUsable : IMpathSelector
{
    public string Name => "first-usable";

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        Errno step = paths.First();
        while (step == 0 && !paths.Current.IsUsable)
        {
            step = paths.Next();
        }

        return paths.Current.ControllerId;
    }
}

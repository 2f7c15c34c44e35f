using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>Makes more paths to what the paths of a head lead to.</summary>
internal interface IPathMaker
{
    /// <summary>Makes a path, adds it to the head and sets it live.</summary>
    /// <param name="head">The head.</param>
    /// <param name="number">Not used for another path of the head: its name and its controller come from it.</param>
    /// <exception cref="LibMultipath.Block.BlockException">What it leads to cannot be opened.</exception>
    ManagedPath AddPath(MpathHead head, int number);
}

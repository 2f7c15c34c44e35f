using LibMultipath.Block;
using LibMultipath.Selection;

namespace LibMultipath.Tests.Selection;

/// <summary>Selects the first path, and notes what it is told.</summary>
internal sealed class TellingSelector : IMpathSelector, IMpathSelectorFeedback
{
    public string Name => "telling";

    public List<string> Told { get; } = [];

    public Action? Throw { get; set; }

    public int SelectPath(ref PathIterator paths, in SelectContext context) => paths.First() == 0 ? paths.Current.ControllerId : -1;

    public void Started(PathView path, long bytes)
    {
        Throw?.Invoke();
        Told.Add($"started {path.ControllerId} {bytes}");
    }

    public void Ended(PathView path, long bytes, TimeSpan duration, BlockStatus status) =>
        Told.Add($"ended {path.ControllerId} {bytes} {duration.TotalMilliseconds} {status}");
}

using LibMultipath.Reclamation;

namespace LibMultipath.Paths;

/// <summary>
/// A path that a command has taken hold of in the read section in which it was selected: it is not gone before it is let go,
/// which may be on another thread.
/// </summary>
internal readonly struct HeldPath(MpathDevice path)
{
    private readonly SrcuToken _token = path.Attempts.ReadLock();

    public MpathDevice Path => path;

    /// <summary>Selects a path as the next I/O would, and takes hold of it.</summary>
    /// <returns>False when none is usable.</returns>
    public static bool TryTake(MpathHead head, out HeldPath held)
    {
        using PathSelection selection = head.SelectPath();
        held = selection.Path is { } path ? new HeldPath(path) : default;
        return selection.Path is not null;
    }

    public void LetGo() => path.Attempts.ReadUnlock(_token);
}

using LibMultipath.Reclamation;

namespace LibMultipath.Paths;

/// <summary>
/// A path that a command has taken hold of, in a read section in which it was found: it is not gone before it is let go, which may
/// be on another thread.
/// </summary>
internal readonly struct HeldPath(MpathDevice path)
{
    private readonly SrcuToken _token = path.Attempts.ReadLock();

    /// <summary>Takes hold of a path that was found before.</summary>
    /// <returns>False if it is being removed.</returns>
    public static bool TryTake(MpathHead head, MpathDevice path, out HeldPath held)
    {
        // Whoever removes the path marks it, waits for the section, and then for the hold.
        using (head.Srcu.Enter())
        {
            bool isThere = !path.IsRemoved;
            held = isThere ? new HeldPath(path) : default;
            return isThere;
        }
    }

    /// <summary>The path.</summary>
    public MpathDevice Path => path;

    public void LetGo() => path.Attempts.ReadUnlock(_token);
}

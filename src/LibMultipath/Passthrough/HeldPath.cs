using LibMultipath.Paths;
using LibMultipath.Reclamation;

namespace LibMultipath.Passthrough;

/// <summary>
/// A path that a command has taken hold of in the read section in which it was selected: it is not gone before it is let go,
/// which may be on another thread.
/// </summary>
internal readonly struct HeldPath(MpathDevice path)
{
    private readonly SrcuToken _token = path.Attempts.ReadLock();

    public void LetGo() => path.Attempts.ReadUnlock(_token);
}

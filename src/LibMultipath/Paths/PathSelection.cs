using LibMultipath.Reclamation;

namespace LibMultipath.Paths;

/// <summary>
/// A path that selection gave, inside a read section: until it is disposed the path can be marked as removed, but
/// not be gone. Short-lived; nothing that blocks belongs inside.
/// </summary>
public readonly ref struct PathSelection
{
    private readonly MpathHead _head;
    private readonly SrcuToken _token;

    internal PathSelection(MpathHead head, MpathDevice? path, SrcuToken token)
    {
        _head = head;
        Path = path;
        _token = token;
    }

    /// <summary>The path; null when none is usable.</summary>
    public MpathDevice? Path { get; }

    /// <summary>Ends the read section.</summary>
    public void Dispose() => _head.Srcu.ReadUnlock(_token);
}

using LibMultipath.Paths;

namespace LibMultipath.Passthrough;

/// <summary>For a template whose paths know the unique id of what they lead to (the proposal's <c>get_unique_id</c>).</summary>
public interface IMpathUniqueId
{
    /// <summary>Asks a path, inside a read section: it must not block.</summary>
    /// <param name="path">The path.</param>
    /// <param name="kind">Which id.</param>
    /// <param name="id">16 bytes to fill.</param>
    /// <returns>How many bytes the id has, or an errno below 0.</returns>
    int GetUniqueId(MpathDevice path, UniqueIdKind kind, Span<byte> id);
}

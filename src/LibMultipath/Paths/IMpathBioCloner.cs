using LibMultipath.Block;

namespace LibMultipath.Paths;

/// <summary>
/// For a template whose paths need a bio of their own for every attempt (the proposal's <c>clone_bio</c>).
/// </summary>
public interface IMpathBioCloner
{
    /// <summary>
    /// Makes the bio that the path gets in place of the head's. The library ends the head's bio when the clone's
    /// attempt ends, and then disposes the clone. It must not block.
    /// </summary>
    /// <param name="bio">The head's bio. It stays with the library.</param>
    /// <param name="path">The path that was selected.</param>
    /// <returns>
    /// A bio that covers the same sectors, or null if there is no memory for one: the head's bio then ends with
    /// <see cref="BlockStatus.Resource"/>.
    /// </returns>
    Bio? CloneBio(Bio bio, MpathDevice path);
}

namespace LibMultipath.Paths;

/// <summary>For a template that decides itself what happens when its head has no path any more (<c>remove_head</c>).</summary>
public interface IMpathRemoveHead
{
    /// <summary>
    /// The last path is gone, for longer than the removal delay if there is one. The driver removes the head's disk
    /// and lets the head go. Without this interface the library removes the disk. It may block.
    /// </summary>
    /// <param name="head">The head.</param>
    void RemoveHead(MpathHead head);
}

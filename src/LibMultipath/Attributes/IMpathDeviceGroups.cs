using LibMultipath.Paths;

namespace LibMultipath.Attributes;

/// <summary>
/// For a template whose driver has attributes of its own to show (the proposal's <c>device_groups</c>). They stand beside
/// the library's, in the same tree; a group that both have is one group, and for any other name that both have the
/// library's counts.
/// </summary>
/// <remarks>
/// Called on any thread, whenever somebody looks: it must not block. A driver that throws is logged, and shows nothing.
/// </remarks>
public interface IMpathDeviceGroups
{
    /// <summary>What there is to show of a head.</summary>
    /// <param name="head">A head that uses this template.</param>
    IEnumerable<MpathAttributeNode> AttributesOf(MpathHead head) => [];

    /// <summary>What there is to show of a path.</summary>
    /// <param name="path">A path of such a head.</param>
    IEnumerable<MpathAttributeNode> AttributesOf(MpathDevice path) => [];
}

using LibMultipath.Attributes;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Attributes;

/// <summary>A template whose driver has attributes of its own.</summary>
internal sealed class GroupsTemplate(MpathIoPolicy? policy = null) : TestTemplate(policy), IMpathDeviceGroups
{
    public Func<MpathHead, IEnumerable<MpathAttributeNode>> OfHead { get; set; } = _ => [];

    public Func<MpathDevice, IEnumerable<MpathAttributeNode>> OfPath { get; set; } = _ => [];

    public IEnumerable<MpathAttributeNode> AttributesOf(MpathHead head) => OfHead(head);

    public IEnumerable<MpathAttributeNode> AttributesOf(MpathDevice path) => OfPath(path);
}

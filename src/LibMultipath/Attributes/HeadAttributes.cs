using System.Globalization;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Attributes;

/// <summary>What the library shows of a head itself.</summary>
internal static class HeadAttributes
{
    public static IReadOnlyList<MpathAttributeNode> Of(MpathHead head) =>
    [
        new MpathAttribute(AttributeNames.IoPolicy, () => head.Policy.Selector.Name, text => StorePolicy(head.Policy, text)),
        new MpathAttribute(
            AttributeNames.DelayedRemovalSecs,
            () => head.DelayedRemovalSecs.ToString(CultureInfo.InvariantCulture),
            text => head.DelayedRemovalSecs = ParseSeconds(text)),
        new MpathAttributeGroup(
            AttributeNames.Diag,
            CounterAttribute.Of(AttributeNames.RequeueNoUsablePathCount, () => head.RequeueNoUsablePathCount, head.SetRequeueNoUsablePathCount),
            CounterAttribute.Of(AttributeNames.FailNoAvailablePathCount, () => head.FailNoAvailablePathCount, head.SetFailNoAvailablePathCount)),
    ];

    private static void StorePolicy(MpathIoPolicy policy, string text)
    {
        // The parser allows the end of a line, which was taken off already.
        if (text.Contains(':') && !IoPolicies.TryParse(text, out _, out string? error))
        {
            throw new FormatException(error);
        }

        if (text.EndsWith('\n') || !IoPolicies.TryParse(text, out PathSelector? selector) || !policy.Allows(selector))
        {
            throw new FormatException($"give one of {string.Join(", ", IoPolicies.All.Where(policy.Allows))}");
        }

        policy.Set(selector);
    }

    private static uint ParseSeconds(string text) => KernelNumber.TryParse(text, DelayedRemoval.MaxSeconds, out ulong seconds)
        ? (uint)seconds
        : throw new FormatException($"give a number of seconds from 0, which ends the waiting, to {DelayedRemoval.MaxSeconds}");
}

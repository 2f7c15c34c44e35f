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
        .. FailureTimeAttributes.Of(() => head.FailureTimesInForce, head.ChangeFailureTimes),
        new MpathAttributeGroup(
            AttributeNames.Diag,
            CounterAttribute.Of(AttributeNames.RequeueNoUsablePathCount, () => head.RequeueNoUsablePathCount, head.SetRequeueNoUsablePathCount),
            CounterAttribute.Of(AttributeNames.FailNoAvailablePathCount, () => head.FailNoAvailablePathCount, head.SetFailNoAvailablePathCount)),
    ];

    private static void StorePolicy(MpathIoPolicy policy, string text)
    {
        // The end of the line was taken off already; the parser takes off one.
        bool isKnown = IoPolicies.TryParse(text + '\n', out PathSelector? selector, out string? error);
        if (!isKnown && text.Contains(':'))
        {
            throw new FormatException(error);
        }

        if (!isKnown || !policy.Allows(selector!))
        {
            throw new FormatException($"give one of {string.Join(", ", IoPolicies.All.Where(policy.Allows))}");
        }

        policy.Set(selector!);
    }

    private static uint ParseSeconds(string text) => KernelNumber.TryParse(text, DelayedRemoval.MaxSeconds, out ulong seconds)
        ? (uint)seconds
        : throw new FormatException($"give a number of seconds from 0, which ends the waiting, to {DelayedRemoval.MaxSeconds}");
}

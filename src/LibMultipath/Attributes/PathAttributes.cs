using System.Globalization;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Topology;

namespace LibMultipath.Attributes;

/// <summary>What the library shows of a path itself.</summary>
internal static class PathAttributes
{
    public static IReadOnlyList<MpathAttributeNode> Of(MpathDevice path) =>
    [
        new MpathAttribute(AttributeNames.AccessState, () => NameOf(path.AccessState)),
        new MpathAttribute(AttributeNames.QueueDepth, () => QueueDepthOf(path)),
        new MpathAttribute(AttributeNames.NumaNodes, () => NumaNodesOf(path)),
        new MpathAttribute(
            AttributeNames.Weight,
            () => path.Weight.ToString(CultureInfo.InvariantCulture),
            text => path.Weight = ParseWeight(text)),
        new MpathAttribute(AttributeNames.LatencyNs, () => LatencyOf(path)),
        .. FailureTimeAttributes.Of(() => path.Controller.FailureTimesInForce, path.Controller.ChangeFailureTimes),
        new MpathAttributeGroup(
            AttributeNames.Diag,
            CounterAttribute.Of(AttributeNames.FailoverCount, () => path.Failovers, path.SetFailovers),
            CounterAttribute.Of(AttributeNames.RetriesCount, () => path.Retries, path.SetRetries),
            CounterAttribute.Of(AttributeNames.ErrorCount, () => path.Errors, path.SetErrors)),
    ];

    // nvme's names of the ANA states; what is none of the first two is not usable, whichever it is.
    private static string NameOf(MpathAccessState state) => state switch
    {
        MpathAccessState.Optimized => "optimized",
        MpathAccessState.NonOptimized => "non-optimized",
        _ => "inaccessible",
    };

    private static string? QueueDepthOf(MpathDevice path) => (path.Head.Selector.Needs & SelectorNeeds.Load) != 0
        ? path.Controller.ActiveCount.ToString(CultureInfo.InvariantCulture)
        : null;

    private static string? LatencyOf(MpathDevice path) => path.Latency is { Samples: > 0 } latency
        ? latency.Smoothed.ToString(CultureInfo.InvariantCulture)
        : null;

    private static int ParseWeight(string text) => KernelNumber.TryParse(text, MpathDevice.MaxWeight, out ulong weight)
        ? (int)weight
        : throw new FormatException($"give a number from 0 to {MpathDevice.MaxWeight}");

    private static string? NumaNodesOf(MpathDevice path)
    {
        MpathHead head = path.Head;
        return head.Policy.Selector == IoPolicies.Numa
            ? RangeList.Format(Enumerable.Range(0, head.NodeCount).Where(node => head.GetCurrentPath(node) == path))
            : null;
    }
}

using System.Globalization;
using Mpathd.Output;
using Mpathd.Paths;

namespace Mpathd.Ublk;

/// <summary>How <c>mpathd ublk</c> tells people.</summary>
internal static class UblkText
{
    /// <summary>One line for each feature.</summary>
    public static IEnumerable<string> Lines(UblkFeatureStatus status)
    {
        foreach (string feature in status.Features)
        {
            yield return feature;
        }

        foreach (string feature in status.Missing)
        {
            yield return $"({feature}: not in this kernel)";
        }

        if (status.Inferred)
        {
            yield return "(this kernel cannot be asked: these are what Linux 6.4 has)";
        }
    }

    /// <summary>One line for each device.</summary>
    public static IEnumerable<string> Lines(UblkDeviceStatus[] devices) =>
        devices.Length == 0 ? ["no ublk devices"] : devices.Select(device => $"{device.BlockPath}: {Summary(device)}");

    /// <summary>All there is to say of one.</summary>
    public static IEnumerable<string> Lines(UblkDeviceStatus device)
    {
        yield return $"{device.BlockPath}: {Summary(device)}";
        yield return Line($"  requests up to {SizeText.Format(device.MaxIoBytes)}, owner {device.OwnerUid}:{device.OwnerGid}");
        if (device.LogicalBlockBytes is { } block)
        {
            yield return Line($"  blocks of {block}{(device.ReadOnly == true ? ", read-only" : "")}");
        }

        yield return $"  features: {(device.Features.Count == 0 ? "none" : string.Join(", ", device.Features))}";
    }

    private static string Summary(UblkDeviceStatus device)
    {
        string size = device.CapacityBytes is { } bytes ? $", {SizeText.Format(bytes)}" : "";
        string server = device.ServerPid is { } pid ? Line($"process {pid}") : "nobody";
        return Line($"{device.State}{size}, {Count.Of(device.Queues, "queue")} of {device.QueueDepth}, served by {server}");
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

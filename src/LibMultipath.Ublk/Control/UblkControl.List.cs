using System.Globalization;

namespace LibMultipath.Ublk.Control;

// What devices there are: the driver has no command for that, sysfs has.
public sealed partial class UblkControl
{
    private const string CharClass = "/sys/class/ublk-char";
    private const string NodePrefix = "ublkc";

    /// <summary>The ids of all devices, whoever's they are, in rising order. Needs no permission.</summary>
    public static IReadOnlyList<int> ListIds() => ListIds(Directory.Exists(CharClass) ? CharClass : "/dev");

    /// <summary>All devices that this user may see, by rising id. One that goes meanwhile is left out.</summary>
    /// <param name="timeout">At most, for each; null for <see cref="CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    public IReadOnlyList<UblkDeviceInfo> ListDevices(TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        var devices = new List<UblkDeviceInfo>();
        foreach (int id in ListIds())
        {
            if (TryGetDeviceInfo(id, out UblkDeviceInfo? info, timeout, cancellation) >= 0)
            {
                devices.Add(info!);
            }
        }

        return devices;
    }

    internal static IReadOnlyList<int> ListIds(string folder) =>
        [.. Directory.EnumerateFileSystemEntries(folder, NodePrefix + "*")
            .Select(entry => System.IO.Path.GetFileName(entry)[NodePrefix.Length..])
            .Where(number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(number => int.Parse(number, CultureInfo.InvariantCulture))
            .Order()];
}

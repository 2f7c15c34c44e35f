using System.Globalization;

namespace LibMultipath.Ublk.Tests.Kit;

/// <summary>How often what must leave nothing behind is repeated: as VM_REPEATS says; 20 times on every run, 200 before a release.</summary>
internal static class Repeats
{
    /// <summary>Whether this is the long run.</summary>
    public static bool AreMany => Times >= 200;

    public static int Times { get; } = int.TryParse(Environment.GetEnvironmentVariable("VM_REPEATS"), CultureInfo.InvariantCulture, out int times) ? times : 20;
}

using System.Globalization;

namespace LibMultipath.Nbd.Tests.Fuzz;

/// <summary>How many conversations there are: ten thousand, or what LIBMULTIPATH_NBD_CONVERSATIONS says.</summary>
internal static class FuzzSize
{
    public static int Conversations { get; } = int.TryParse(
        Environment.GetEnvironmentVariable("LIBMULTIPATH_NBD_CONVERSATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : 10_000;
}

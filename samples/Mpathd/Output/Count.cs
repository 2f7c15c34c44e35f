using System.Globalization;

namespace Mpathd.Output;

/// <summary>Numbers of things, in words.</summary>
internal static class Count
{
    /// <summary>Such as <c>1 path</c>, <c>2 paths</c>.</summary>
    public static string Of(long number, string thing) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {thing}{(number == 1 ? "" : "s")}");
}

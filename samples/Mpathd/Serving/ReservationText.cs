using System.Globalization;
using LibMultipath.Reservations;

namespace Mpathd.Serving;

/// <summary>How keys and types of reservations are written.</summary>
internal static class ReservationText
{
    private static readonly (string Name, PrType Type)[] s_types =
    [
        ("write-exclusive", PrType.WriteExclusive),
        ("exclusive-access", PrType.ExclusiveAccess),
        ("write-exclusive-registrants-only", PrType.WriteExclusiveRegistrantsOnly),
        ("exclusive-access-registrants-only", PrType.ExclusiveAccessRegistrantsOnly),
        ("write-exclusive-all-registrants", PrType.WriteExclusiveAllRegistrants),
        ("exclusive-access-all-registrants", PrType.ExclusiveAccessAllRegistrants),
    ];

    /// <summary>The names of all types.</summary>
    public static IEnumerable<string> TypeNames => s_types.Select(each => each.Name);

    /// <summary>As sg_persist and blkpr write it.</summary>
    public static string Format(ulong key) => $"0x{key:x}";

    public static string Format(PrType type) => Array.Find(s_types, each => each.Type == type).Name;

    /// <summary>Reads a key.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ulong ParseKey(string text)
    {
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool isKey = isHex
            ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong key)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out key);
        return isKey ? key : throw new FormatException($"'{text}' is not a key; give a number of up to 64 bits, such as 0x123abc");
    }

    /// <summary>Reads the name of a type.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static PrType ParseType(string text) =>
        Array.Find(s_types, each => each.Name == text) is { Name: not null } found
            ? found.Type
            : throw new FormatException($"there is no type '{text}'; give one of {string.Join(", ", TypeNames)}");
}

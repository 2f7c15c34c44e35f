using System.Text;
using LibMultipath.Passthrough;

namespace BdevDriver;

/// <summary>
/// What a device is, whichever path it is reached by: the world-wide name of a SCSI logical unit or an NVMe namespace. Two
/// are equal when their texts are.
/// </summary>
public sealed class UniqueId : IEquatable<UniqueId>
{
    /// <summary>The most bytes that an id of a binary form has.</summary>
    public const int MostBytes = 16;

    private readonly byte[] _bytes;

    private UniqueId(UniqueIdKind? kind, byte[] bytes, string text)
    {
        Kind = kind;
        _bytes = bytes;
        Text = text;
    }

    /// <summary>Who gave it; null for one that is made up (a UUID), or in a form that nobody here knows.</summary>
    public UniqueIdKind? Kind { get; }

    /// <summary>The id itself, up to 16 bytes; empty for one that is a longer text.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>As sysfs writes it, such as <c>naa.60014051d1e5b1a8f7e4a5e9d5e01234</c>.</summary>
    public string Text { get; }

    /// <summary>Reads what sysfs has as <c>wwid</c>.</summary>
    /// <returns>Null when it is empty: the device has none.</returns>
    public static UniqueId? Parse(string wwid)
    {
        string text = wwid.Trim();
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (text.Length == 0 || dot < 0)
        {
            return text.Length == 0 ? null : new UniqueId(null, [], text);
        }

        string value = text[(dot + 1)..];
        return text[..dot] switch
        {
            "naa" => OfHex(UniqueIdKind.Naa, text, value),
            "eui" => OfHex(UniqueIdKind.Eui64, text, value),
            "uuid" => OfHex(null, text, value.Replace("-", "", StringComparison.Ordinal)),
            "t10" => new UniqueId(UniqueIdKind.T10, value.Length <= MostBytes ? Encoding.Latin1.GetBytes(value) : [], text),
            _ => new UniqueId(null, [], text),
        };
    }

    /// <inheritdoc/>
    public bool Equals(UniqueId? other) => other is not null && Text == other.Text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as UniqueId);

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    // Whoever wrote it: the case of the digits says nothing.
    private static UniqueId OfHex(UniqueIdKind? kind, string text, string digits)
    {
        bool isHex = digits.Length is > 0 and <= 2 * MostBytes && digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit);
        return isHex
            ? new UniqueId(kind, Convert.FromHexString(digits), text.ToLowerInvariant())
            : new UniqueId(null, [], text);
    }
}

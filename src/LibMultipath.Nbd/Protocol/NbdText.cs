using System.Text.Unicode;

namespace LibMultipath.Nbd.Protocol;

/// <summary>Texts for people, as they are sent: UTF-8, and no longer than the protocol allows.</summary>
internal static class NbdText
{
    /// <summary>Encodes a text; one that is longer than <see cref="NbdSizes.Text"/> ends with the last character that fits.</summary>
    public static byte[] Encode(string text)
    {
        byte[] bytes = new byte[NbdSizes.Text];
        _ = Utf8.FromUtf16(text, bytes, out _, out int length);
        return bytes[..length];
    }
}

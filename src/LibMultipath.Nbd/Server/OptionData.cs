using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

/// <summary>Reads what a client sends with an option, from the front. Nothing is believed.</summary>
internal ref struct OptionData(ReadOnlySpan<byte> bytes)
{
    // What is not UTF-8 is not taken for something else.
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private ReadOnlySpan<byte> _left = bytes;

    /// <summary>Whether nothing is left.</summary>
    public readonly bool IsEmpty => _left.IsEmpty;

    /// <summary>Reads a number of two bytes.</summary>
    public bool TryReadUInt16(out ushort value)
    {
        bool has = BinaryPrimitives.TryReadUInt16BigEndian(_left, out value);
        _left = has ? _left[sizeof(ushort)..] : default;
        return has;
    }

    /// <summary>Reads a number of four bytes.</summary>
    public bool TryReadUInt32(out uint value)
    {
        bool has = BinaryPrimitives.TryReadUInt32BigEndian(_left, out value);
        _left = has ? _left[sizeof(uint)..] : default;
        return has;
    }

    /// <summary>Reads a text with its length before it.</summary>
    public bool TryReadText([NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!TryReadUInt32(out uint length) || length > (uint)_left.Length || !TryText(_left[..(int)length], out text))
        {
            return false;
        }

        _left = _left[(int)length..];
        return true;
    }

    /// <summary>Takes bytes for a text.</summary>
    public static bool TryText(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (bytes.Length > NbdSizes.Text || bytes.Contains((byte)0))
        {
            return false;
        }

        try
        {
            text = s_strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}

namespace LibMultipath.Attributes;

/// <summary>Reads unsigned numbers as the kernel does (<c>kstrtoull</c> with base 0).</summary>
internal static class KernelNumber
{
    private const string Digits = "0123456789abcdef";

    /// <summary>Reads a number: decimal, hexadecimal after 0x, octal after 0; a plus may stand before it, and nothing else.</summary>
    /// <param name="text">The number, without the end of the line.</param>
    /// <param name="most">The greatest that is taken.</param>
    /// <param name="number">The number; 0 when the answer is false.</param>
    /// <returns>False when it is not one, or too large.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, ulong most, out ulong number)
    {
        number = 0;
        ReadOnlySpan<char> digits = text.StartsWith('+') ? text[1..] : text;
        int radix = 10;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            radix = 16;
            digits = digits[2..];
        }
        else if (digits.StartsWith('0'))
        {
            radix = 8;
        }

        UInt128 sum = 0;
        foreach (char each in digits)
        {
            int digit = Digits.IndexOf(char.ToLowerInvariant(each));
            if (digit < 0 || digit >= radix)
            {
                return false;
            }

            sum = (sum * (uint)radix) + (uint)digit;
            if (sum > most)
            {
                return false;
            }
        }

        number = (ulong)sum;
        return digits.Length > 0;
    }
}

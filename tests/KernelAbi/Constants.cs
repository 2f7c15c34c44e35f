using System.Globalization;
using System.Reflection;

namespace KernelAbi;

/// <summary>Our constants under the names that they have in the kernel's headers, as 64 bits.</summary>
public static class Constants
{
    /// <summary>The constants that bear the header's names themselves.</summary>
    public static IEnumerable<(string Name, ulong Value)> Of(Type type) =>
        type.GetFields(BindingFlags.Static | BindingFlags.Public)
            .Where(field => field.IsLiteral)
            .Select(field => (field.Name, Bits(field.GetRawConstantValue()!)));

    /// <summary>The values of an enumeration in ascending order.</summary>
    /// <param name="prefix">What the header's names begin with.</param>
    /// <param name="names">How they go on, one for every value, with spaces between; "-" where the header has no name.</param>
    public static IEnumerable<(string Name, ulong Value)> Of<T>(string prefix, string names)
        where T : struct, Enum
    {
        T[] values = Enum.GetValues<T>();
        string[] all = names.Split(' ');
        return values.Length == all.Length
            ? values.Zip(all).Where(pair => pair.Second != "-").Select(pair => (prefix + pair.Second, Bits(pair.First)))
            : throw new ArgumentException($"{typeof(T).Name} has {values.Length} values, and {all.Length} names are given.", nameof(names));
    }

    private static ulong Bits(object value) =>
        value is ulong bits ? bits : (ulong)Convert.ToInt64(value, CultureInfo.InvariantCulture);
}

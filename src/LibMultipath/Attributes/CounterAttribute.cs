using System.Globalization;

namespace LibMultipath.Attributes;

/// <summary>Makes the attributes that count: a number can be stored, 0 to begin anew.</summary>
internal static class CounterAttribute
{
    public static MpathAttribute Of(string name, Func<long> get, Action<long> set) => new(
        name,
        () => get().ToString(CultureInfo.InvariantCulture),
        text => set(KernelNumber.TryParse(text, long.MaxValue, out ulong count)
            ? (long)count
            : throw new FormatException($"give a number from 0, which resets it, to {long.MaxValue}")));
}

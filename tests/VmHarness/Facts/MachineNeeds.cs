using System.Globalization;
using Xunit.Abstractions;

namespace VmHarness.Facts;

/// <summary>What a test needs to run: a kernel, and how much time.</summary>
/// <param name="Kernel">Such as "6.12"; null: any that has ublk.</param>
/// <param name="Limit">After this it counts as hung.</param>
public sealed record MachineNeeds(string? Kernel, TimeSpan Limit)
{
    public const int DefaultSeconds = 60;

    // Who has tests do more than usual gives them more time: VM_TESTS_PATIENCE times as much.
    private static readonly double s_patience =
        double.TryParse(Environment.GetEnvironmentVariable("VM_TESTS_PATIENCE"), CultureInfo.InvariantCulture, out double times) ? times : 1;

    internal static MachineNeeds Of(IAttributeInfo fact) => new(
        fact.GetNamedArgument<string?>(nameof(UblkFactAttribute.Kernel)),
        TimeSpan.FromSeconds(fact.GetNamedArgument<int>(nameof(UblkFactAttribute.Seconds)) * s_patience));

    internal static MachineNeeds Deserialize(IXunitSerializationInfo data) => new(
        data.GetValue<string?>(nameof(Kernel)), TimeSpan.FromTicks(data.GetValue<long>(nameof(Limit))));

    internal void Serialize(IXunitSerializationInfo data)
    {
        data.AddValue(nameof(Kernel), Kernel, typeof(string));
        data.AddValue(nameof(Limit), Limit.Ticks, typeof(long));
    }
}

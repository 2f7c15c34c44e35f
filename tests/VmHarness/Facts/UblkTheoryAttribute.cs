using Xunit;
using Xunit.Sdk;

namespace VmHarness.Facts;

/// <summary>What <see cref="UblkFactAttribute"/> is, for a theory; the limit holds for each of its rows.</summary>
[XunitTestCaseDiscoverer("VmHarness.Facts.UblkTheoryDiscoverer", "VmHarness")]
public sealed class UblkTheoryAttribute : TheoryAttribute
{
    /// <inheritdoc cref="UblkFactAttribute.Kernel"/>
    public string? Kernel { get; set; }

    /// <inheritdoc cref="UblkFactAttribute.Seconds"/>
    public int Seconds { get; set; } = MachineNeeds.DefaultSeconds;
}

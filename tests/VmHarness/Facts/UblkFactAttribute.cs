using Xunit;
using Xunit.Sdk;

namespace VmHarness.Facts;

/// <summary>
/// A test that needs a kernel with ublk. Where <c>/dev/ublk-control</c> can be opened it runs in this process; elsewhere
/// in a virtual machine (<c>eng/vm/run</c>), booted once for all such tests that were asked for; and where that cannot
/// be, it is skipped and says why.
/// </summary>
[XunitTestCaseDiscoverer("VmHarness.Facts.UblkFactDiscoverer", "VmHarness")]
public sealed class UblkFactAttribute : FactAttribute
{
    /// <summary>The kernel that it needs, such as "6.12"; null: any that has ublk (in a virtual machine: 7.2).</summary>
    public string? Kernel { get; set; }

    /// <summary>How long it may take before it counts as hung. A guest without KVM is about ten times slower.</summary>
    public int Seconds { get; set; } = MachineNeeds.DefaultSeconds;
}

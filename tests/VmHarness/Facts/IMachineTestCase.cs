using Xunit.Sdk;

namespace VmHarness.Facts;

/// <summary>A test case that may have to run in a virtual machine.</summary>
public interface IMachineTestCase : IXunitTestCase
{
    MachineNeeds Needs { get; }
}

using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Facts;

public sealed class UblkFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    protected override IXunitTestCase CreateTestCase(ITestFrameworkDiscoveryOptions options, ITestMethod method,
        IAttributeInfo fact) =>
        new MachineTestCase(DiagnosticMessageSink, options, method, fact);
}

using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Facts;

public sealed class UblkTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(ITestFrameworkDiscoveryOptions options,
        ITestMethod method, IAttributeInfo theory, object[] row) =>
        [new MachineTestCase(DiagnosticMessageSink, options, method, theory, row)];

    protected override IEnumerable<IXunitTestCase> CreateTestCasesForTheory(ITestFrameworkDiscoveryOptions options,
        ITestMethod method, IAttributeInfo theory) =>
        [new MachineTheoryTestCase(DiagnosticMessageSink, options, method, theory)];
}

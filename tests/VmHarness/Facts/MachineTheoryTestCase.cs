using System.ComponentModel;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Facts;

/// <summary>A theory whose rows are only known when it runs.</summary>
public sealed class MachineTheoryTestCase : MachineTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For deserialization only.")]
    public MachineTheoryTestCase()
    {
    }

    internal MachineTheoryTestCase(IMessageSink diagnostics, ITestFrameworkDiscoveryOptions options, ITestMethod method,
        IAttributeInfo theory)
        : base(diagnostics, options, method, theory)
    {
    }

    private protected override XunitTestCaseRunner Runner(IMessageSink diagnostics, IMessageBus bus,
        object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellation) =>
        new XunitTheoryTestCaseRunner(this, DisplayName, SkipReason, constructorArguments, diagnostics, bus, aggregator,
            cancellation);
}

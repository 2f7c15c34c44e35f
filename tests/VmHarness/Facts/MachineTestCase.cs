using System.ComponentModel;
using VmHarness.Framework;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Facts;

/// <summary>A test, or one row of a theory, that may have to run in a virtual machine.</summary>
public class MachineTestCase : XunitTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For deserialization only.")]
    public MachineTestCase()
    {
    }

    internal MachineTestCase(IMessageSink diagnostics, ITestFrameworkDiscoveryOptions options, ITestMethod method,
        IAttributeInfo fact, object[]? row = null)
        : base(diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, row) =>
        Needs = MachineNeeds.Of(fact);

    public MachineNeeds Needs { get; private set; } = new(null, TimeSpan.FromSeconds(MachineNeeds.DefaultSeconds));

    public sealed override Task<RunSummary> RunAsync(IMessageSink diagnostics, IMessageBus bus, object[] constructorArguments,
        ExceptionAggregator aggregator, CancellationTokenSource cancellation) =>
        TimeLimit.RunAsync(this, bus,
            limited => Runner(diagnostics, limited, constructorArguments, aggregator, cancellation).RunAsync());

    public sealed override void Serialize(IXunitSerializationInfo data)
    {
        base.Serialize(data);
        Needs.Serialize(data);
    }

    public sealed override void Deserialize(IXunitSerializationInfo data)
    {
        base.Deserialize(data);
        Needs = MachineNeeds.Deserialize(data);
    }

    private protected virtual XunitTestCaseRunner Runner(IMessageSink diagnostics, IMessageBus bus,
        object[] constructorArguments, ExceptionAggregator aggregator, CancellationTokenSource cancellation) =>
        new(this, DisplayName, SkipReason, constructorArguments, TestMethodArguments, bus, aggregator, cancellation);
}

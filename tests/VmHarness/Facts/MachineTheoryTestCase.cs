using System.ComponentModel;
using VmHarness.Framework;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Facts;

/// <summary>A theory whose rows are only known when it runs.</summary>
public sealed class MachineTheoryTestCase : XunitTheoryTestCase, IMachineTestCase
{
    private MachineNeeds _needs = new(null, TimeSpan.FromSeconds(MachineNeeds.DefaultSeconds));

    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For deserialization only.")]
    public MachineTheoryTestCase()
    {
    }

    internal MachineTheoryTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions displayOptions,
        ITestMethod method, MachineNeeds needs)
        : base(diagnostics, display, displayOptions, method) => _needs = needs;

    public MachineNeeds Needs => _needs;

    public override Task<RunSummary> RunAsync(IMessageSink diagnostics, IMessageBus bus, object[] constructorArguments,
        ExceptionAggregator aggregator, CancellationTokenSource cancellation) =>
        TimeLimit.RunAsync(this, bus,
            limited => base.RunAsync(diagnostics, limited, constructorArguments, aggregator, cancellation));

    public override void Serialize(IXunitSerializationInfo data)
    {
        base.Serialize(data);
        _needs.Serialize(data);
    }

    public override void Deserialize(IXunitSerializationInfo data)
    {
        base.Deserialize(data);
        _needs = MachineNeeds.Deserialize(data);
    }
}

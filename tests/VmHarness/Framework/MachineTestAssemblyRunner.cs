using VmHarness.Facts;
using VmHarness.Machines;
using VmHarness.Records;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Framework;

/// <summary>
/// Takes from every collection the cases that cannot run here, and reports what became of them elsewhere. Their classes
/// and fixtures are not even constructed here.
/// </summary>
internal sealed class MachineTestAssemblyRunner : XunitTestAssemblyRunner
{
    private readonly Placements _placements;

    public MachineTestAssemblyRunner(ITestAssembly assembly, IEnumerable<IXunitTestCase> testCases,
        IMessageSink diagnostics, IMessageSink sink, ITestFrameworkExecutionOptions options)
        : base(assembly, testCases, diagnostics, sink, options) =>
        _placements = new Placements(assembly, TestCases.OfType<MachineTestCase>());

    protected override async Task AfterTestAssemblyStartingAsync()
    {
        await base.AfterTestAssemblyStartingAsync();
        _placements.Start();
    }

    protected override async Task BeforeTestAssemblyFinishedAsync()
    {
        foreach (var failure in await _placements.EndAsync())
        {
            Aggregator.Add(new VmException(failure));
        }

        await base.BeforeTestAssemblyFinishedAsync();
    }

    protected override async Task<RunSummary> RunTestCollectionAsync(IMessageBus bus, ITestCollection collection,
        IEnumerable<IXunitTestCase> testCases, CancellationTokenSource cancellation)
    {
        var elsewhere = testCases.OfType<MachineTestCase>().Where(testCase => !_placements.IsHere(testCase)).ToList();
        var here = testCases.Except(elsewhere).ToList();
        var summary = new RunSummary();
        if (here.Count > 0)
        {
            summary.Aggregate(await base.RunTestCollectionAsync(bus, collection, here, cancellation));
        }

        if (elsewhere.Count > 0)
        {
            summary.Aggregate(await new Replay(bus, _placements, cancellation.Token).RunAsync(collection, elsewhere));
        }

        return summary;
    }
}

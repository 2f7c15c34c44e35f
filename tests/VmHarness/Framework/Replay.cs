using VmHarness.Facts;
using VmHarness.Machines;
using VmHarness.Records;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Framework;

/// <summary>Reports the outcomes of tests that run elsewhere, as they come, as if they had run here.</summary>
internal sealed class Replay(IMessageBus bus, Placements placements, CancellationToken cancellation)
{
    public async Task<RunSummary> RunAsync(ITestCollection collection, IReadOnlyList<MachineTestCase> testCases)
    {
        var total = new RunSummary();
        bus.QueueMessage(new TestCollectionStarting(testCases, collection));
        foreach (var ofClass in testCases.GroupBy(testCase => testCase.TestMethod.TestClass, TestClassComparer.Instance))
        {
            var inClass = new RunSummary();
            bus.QueueMessage(new TestClassStarting([.. ofClass], ofClass.Key));
            foreach (var ofMethod in ofClass.GroupBy(testCase => testCase.TestMethod, TestMethodComparer.Instance))
            {
                var inMethod = new RunSummary();
                bus.QueueMessage(new TestMethodStarting([.. ofMethod], ofMethod.Key));
                foreach (var testCase in ofMethod)
                {
                    inMethod.Aggregate(await RunAsync(testCase));
                }

                bus.QueueMessage(new TestMethodFinished([.. ofMethod], ofMethod.Key, inMethod.Time, inMethod.Total,
                    inMethod.Failed, inMethod.Skipped));
                inClass.Aggregate(inMethod);
            }

            bus.QueueMessage(new TestClassFinished([.. ofClass], ofClass.Key, inClass.Time, inClass.Total, inClass.Failed,
                inClass.Skipped));
            total.Aggregate(inClass);
        }

        bus.QueueMessage(new TestCollectionFinished(testCases, collection, total.Time, total.Total, total.Failed,
            total.Skipped));
        return total;
    }

    private async Task<RunSummary> RunAsync(MachineTestCase testCase)
    {
        var summary = new RunSummary();
        bus.QueueMessage(new TestCaseStarting(testCase));
        foreach (var record in await placements.OutcomeAsync(testCase, cancellation))
        {
            var test = new XunitTest(testCase, record.Name);
            bus.QueueMessage(new TestStarting(test));
            bus.QueueMessage(record.Outcome switch
            {
                TestOutcome.Passed => new TestPassed(test, record.Seconds, record.Output),
                TestOutcome.Skipped => new TestSkipped(test, record.Reason),
                _ => new TestFailed(test, record.Seconds, record.Output, record.Types, record.Messages, record.Stacks,
                    record.Parents),
            });
            bus.QueueMessage(new TestFinished(test, record.Seconds, record.Output));
            summary.Total++;
            summary.Time += record.Seconds;
            summary.Failed += record.Outcome == TestOutcome.Failed ? 1 : 0;
            summary.Skipped += record.Outcome == TestOutcome.Skipped ? 1 : 0;
        }

        bus.QueueMessage(new TestCaseFinished(testCase, summary.Time, summary.Total, summary.Failed, summary.Skipped));
        return summary;
    }
}

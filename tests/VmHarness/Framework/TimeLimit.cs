using VmHarness.Facts;
using VmHarness.Guest;
using Xunit.Sdk;

namespace VmHarness.Framework;

/// <summary>Lets a test run for as long as it may, and no longer: then it fails, and is left behind.</summary>
internal static class TimeLimit
{
    /// <summary>The test that was left behind, if any: the process is no good place for others any more.</summary>
    public static volatile MachineTestCase? Hung;

    public static async Task<RunSummary> RunAsync(MachineTestCase testCase, IMessageBus bus,
        Func<IMessageBus, Task<RunSummary>> run)
    {
        using var limited = new ClosableMessageBus(bus);
        var log = KernelLog.Now();
        // A test that never yields would hold this very thread.
        var running = Task.Run(() => run(limited));
        using var cancellation = new CancellationTokenSource();
        if (await Task.WhenAny(running, Task.Delay(testCase.Needs.Limit, cancellation.Token)) == running)
        {
            await cancellation.CancelAsync();
            return await running;
        }

        Hung = testCase;
        var test = limited.Close() ?? new XunitTest(testCase, testCase.DisplayName);
        bus.QueueMessage(new TestFailed(test, (decimal)testCase.Needs.Limit.TotalSeconds,
            ThreadDump.OfThisProcess() + log.Since(), [typeof(TimeoutException).FullName],
            [$"The test has not ended after {testCase.Needs.Limit.TotalSeconds} s; where the threads are is in its output."],
            [null], [-1]));
        bus.QueueMessage(new TestFinished(test, (decimal)testCase.Needs.Limit.TotalSeconds, ""));
        bus.QueueMessage(new TestCaseFinished(testCase, (decimal)testCase.Needs.Limit.TotalSeconds, 1, 1, 0));
        return new RunSummary { Total = 1, Failed = 1, Time = (decimal)testCase.Needs.Limit.TotalSeconds };
    }
}

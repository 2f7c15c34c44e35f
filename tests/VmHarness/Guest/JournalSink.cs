using System.Diagnostics;
using VmHarness.Facts;
using VmHarness.Framework;
using VmHarness.Records;
using Xunit.Abstractions;

namespace VmHarness.Guest;

/// <summary>Writes what xunit reports into the journal; a failed test with what the kernel said while it ran.</summary>
internal sealed class JournalSink(JournalWriter journal) : IMessageSink, IDisposable
{
    private readonly ManualResetEventSlim _end = new();
    private KernelLog _log = KernelLog.Now();

    public void WaitForEnd() => _end.Wait();

    public bool OnMessage(IMessageSinkMessage message)
    {
        switch (message)
        {
            case ITestCaseStarting starting:
                _log = KernelLog.Now();
                journal.Start(starting.TestCase.UniqueID, (starting.TestCase as MachineTestCase)?.Needs.Limit
                    ?? TimeSpan.FromSeconds(MachineNeeds.DefaultSeconds));
                break;
            case ITestPassed passed:
                Write(passed, Record(passed, TestOutcome.Passed));
                break;
            case ITestSkipped skipped:
                Write(skipped, Record(skipped, TestOutcome.Skipped) with { Reason = skipped.Reason });
                break;
            case ITestFailed failed:
                Write(failed, WithFailure(Record(failed, TestOutcome.Failed), failed) with
                {
                    Output = failed.Output + _log.Since(),
                });
                break;
            case ITestCaseFinished finished:
                journal.Write(new Line(finished.TestCase.UniqueID, null, Finished: true));
                EndWhenHung();
                break;
            case ITestAssemblyFinished:
                _end.Set();
                break;
            case IFailureInformation failure:
                journal.Write(new Line("", TestRecord.Failure("", string.Join('\n', failure.Messages),
                    string.Join('\n', failure.StackTraces)), Finished: true));
                break;
        }

        return true;
    }

    public void Dispose() => _end.Dispose();

    /// <summary>A process with a thread that hangs is no place for the next test: the supervisor starts a new one.</summary>
    private static void EndWhenHung()
    {
        if (TimeLimit.Hung is not null)
        {
            using var self = Process.GetCurrentProcess();
            self.Kill();
        }
    }

    private static TestRecord Record(ITestResultMessage message, TestOutcome outcome) => new()
    {
        Name = message.Test.DisplayName,
        Outcome = outcome,
        Seconds = message.ExecutionTime,
        Output = message.Output ?? "",
    };

    private static TestRecord WithFailure(TestRecord record, IFailureInformation failure) => record with
    {
        Types = failure.ExceptionTypes,
        Messages = failure.Messages,
        Stacks = failure.StackTraces,
        Parents = failure.ExceptionParentIndices,
    };

    private void Write(ITestMessage message, TestRecord record) =>
        journal.Write(new Line(message.TestCase.UniqueID, record, Finished: false));
}

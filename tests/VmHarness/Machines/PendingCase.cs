using VmHarness.Records;

namespace VmHarness.Machines;

/// <summary>A case that the guest has yet to end.</summary>
internal sealed class PendingCase(string name)
{
    private readonly List<TestRecord> _records = [];
    private readonly TaskCompletionSource<IReadOnlyList<TestRecord>> _outcome =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => name;

    public bool Running { get; private set; }

    public Task<IReadOnlyList<TestRecord>> Outcome => _outcome.Task;

    public void Note(Line line)
    {
        Running = !line.Finished;
        if (line.Test is not null)
        {
            // A process that died could not say the test's name.
            _records.Add(line.Test.Name == line.Case ? line.Test with { Name = name } : line.Test);
        }

        if (line.Finished)
        {
            _outcome.TrySetResult(_records);
        }
    }

    /// <summary>It runs no more, and will start anew.</summary>
    public void Stop()
    {
        _records.Clear();
        Running = false;
    }

    /// <summary>Ends it with one more record, for a test of which the guest says nothing any more.</summary>
    public void End(TestRecord record)
    {
        _records.Add(record);
        Running = false;
        _outcome.TrySetResult(_records);
    }
}

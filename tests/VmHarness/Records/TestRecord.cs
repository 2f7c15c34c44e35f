namespace VmHarness.Records;

/// <summary>What became of one test; the exceptions as xunit lists them.</summary>
public sealed record TestRecord
{
    public required string Name { get; init; }

    public required TestOutcome Outcome { get; init; }

    public decimal Seconds { get; init; }

    public string Output { get; init; } = "";

    /// <summary>Why it was skipped.</summary>
    public string Reason { get; init; } = "";

    public string?[] Types { get; init; } = [];

    public string?[] Messages { get; init; } = [];

    public string?[] Stacks { get; init; } = [];

    public int[] Parents { get; init; } = [];

    public static TestRecord Failure(string name, string message, string output, decimal seconds = 0) => new()
    {
        Name = name,
        Outcome = TestOutcome.Failed,
        Seconds = seconds,
        Output = output,
        Types = [typeof(VmException).FullName],
        Messages = [message],
        Stacks = [null],
        Parents = [-1],
    };

    public static TestRecord Skip(string name, string reason) =>
        new() { Name = name, Outcome = TestOutcome.Skipped, Reason = reason };
}

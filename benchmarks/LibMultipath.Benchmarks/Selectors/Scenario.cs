using LibMultipath.Block;
using NullDriver;

namespace LibMultipath.Benchmarks.Selectors;

/// <summary>Paths that differ, or come to differ.</summary>
/// <param name="Name">As in the output.</param>
/// <param name="Latencies">How long an I/O takes on each path.</param>
/// <param name="SlowerInTheMiddle">How many times slower the first path becomes after half of the time.</param>
internal sealed record Scenario(string Name, TimeSpan[] Latencies, int SlowerInTheMiddle = 1)
{
    private static readonly TimeSpan s_fast = TimeSpan.FromMicroseconds(100);
    private static readonly TimeSpan s_slow = TimeSpan.FromMilliseconds(3);

    // With less, four paths would show how fast two processors wake four threads, and one path would win.
    private static readonly TimeSpan s_even = TimeSpan.FromMilliseconds(1);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("unequal", [s_fast, s_slow]),
        new("slowed", [s_even, s_even, s_even, s_even], SlowerInTheMiddle: 30),
        new("equal", [s_even, s_even, s_even, s_even]),
    ];

    public NullPath[] MakePaths() =>
        [.. Latencies.Select((latency, index) => new NullPath($"{Name}{index}", new NullOptions { Latency = latency, Limits = new QueueLimits() }))];
}

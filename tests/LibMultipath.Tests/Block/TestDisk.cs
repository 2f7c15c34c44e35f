using System.Collections.Concurrent;
using LibMultipath.Block;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Block;

/// <summary>
/// A disk that does with an attempt what the test says, or else keeps it until the test ends it. It notes what reaches
/// the driver.
/// </summary>
internal sealed class TestDisk(
    QueueLimits? limits = null,
    long capacitySectors = 1 << 20,
    bool readOnly = false,
    TimeProvider? timeProvider = null,
    ILogger? logger = null)
    : DriverDisk("test", capacitySectors, limits, readOnly, timeProvider, logger)
{
    private readonly ConcurrentQueue<SeenBio> _seen = new();

    public Action<BioAttempt>? OnSubmit { get; init; }

    public Action<BioAttempt>? OnAbort { get; set; }

    /// <summary>Every attempt that the driver got, in order.</summary>
    public SeenBio[] Seen => [.. _seen];

    /// <summary>The attempts that the driver keeps.</summary>
    public ConcurrentQueue<BioAttempt> Held { get; } = new();

    /// <summary>A disk that ends every attempt inside SubmitBio.</summary>
    public static TestDisk Inline(QueueLimits? limits = null, BlockStatus status = BlockStatus.Ok, long capacitySectors = 1 << 20, bool readOnly = false) =>
        new(limits, capacitySectors, readOnly) { OnSubmit = attempt => attempt.Complete(status) };

    public BioAttempt TakeHeld()
    {
        Assert.True(Held.TryDequeue(out BioAttempt attempt), "The driver has no attempt.");
        return attempt;
    }

    public new void SetCapacity(long capacitySectors) => base.SetCapacity(capacitySectors);

    public new void SetLimits(QueueLimits limits) => base.SetLimits(limits);

    protected override void SubmitBio(BioAttempt attempt)
    {
        _seen.Enqueue(SeenBio.Of(attempt.Bio));
        if (OnSubmit is null)
        {
            Held.Enqueue(attempt);
        }
        else
        {
            OnSubmit(attempt);
        }
    }

    protected internal override void Abort(BioAttempt attempt) => OnAbort?.Invoke(attempt);
}

using System.Collections.Concurrent;
using LibMultipath.Block;

namespace Drivers.Tests.Kit;

/// <summary>A path that keeps what it is given, for the test to end.</summary>
internal sealed class HeldPath(string name) : DriverDisk(name, capacitySectors: 2048, new QueueLimits { Features = QueueFeatures.WriteCache | QueueFeatures.Fua })
{
    private readonly BlockingCollection<BioAttempt> _attempts = [];

    /// <summary>Whether it was given something.</summary>
    public bool HasAny => _attempts.Count > 0;

    public BioAttempt Take() => TakeFromAny(this);

    /// <summary>Waits until one of them is given something.</summary>
    public static BioAttempt TakeFromAny(params HeldPath[] paths) =>
        BlockingCollection<BioAttempt>.TryTakeFromAny([.. paths.Select(path => path._attempts)], out BioAttempt attempt, LibMultipath.Tests.Kit.Eventually.Limit) >= 0
            ? attempt
            : throw new TimeoutException($"{string.Join(", ", paths.Select(path => path.Name))} got nothing.");

    // A test that has failed leaves something here.
    protected override void AbortAll()
    {
        while (_attempts.TryTake(out BioAttempt attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    protected override void SubmitBio(BioAttempt attempt) => _attempts.Add(attempt);
}

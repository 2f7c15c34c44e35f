using System.Collections.Concurrent;
using LibMultipath.Block;

namespace Drivers.Tests.Kit;

/// <summary>A path that keeps what it is given, for the test to end.</summary>
internal sealed class HeldPath(string name) : DriverDisk(name, capacitySectors: 2048, new QueueLimits { Features = QueueFeatures.WriteCache | QueueFeatures.Fua })
{
    private readonly BlockingCollection<BioAttempt> _attempts = [];

    public BioAttempt Take() => _attempts.TryTake(out BioAttempt attempt, LibMultipath.Tests.Kit.Eventually.Limit) ? attempt : throw new TimeoutException($"{Name} got nothing.");

    protected override void SubmitBio(BioAttempt attempt) => _attempts.Add(attempt);
}

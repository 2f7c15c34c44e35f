using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

/// <summary>
/// A disk in memory. It ends attempts inside SubmitBio, or later in any order and on any thread, as the seed has it.
/// </summary>
internal sealed class MemoryDisk(QueueLimits limits, long capacitySectors, int seed)
    : DriverDisk("memory", capacitySectors, limits)
{
    private readonly byte[] _bytes = new byte[capacitySectors * 512];
    private readonly List<BioAttempt> _held = [];
    private readonly List<SeenBio> _seen = [];
    private readonly Random _random = new(seed);

    public IReadOnlyList<SeenBio> Seen => _seen;

    public byte[] Bytes => _bytes;

    /// <summary>Whether some attempts are kept for <see cref="EndHeld"/>.</summary>
    public bool Holds { get; init; }

    /// <summary>Ends what is kept, and what comes meanwhile, in random order, on threads of the pool.</summary>
    public void EndHeld()
    {
        for (BioAttempt[] held = TakeHeld(); held.Length != 0; held = TakeHeld())
        {
            new Random(seed).Shuffle(held);
            Parallel.ForEach(held, attempt => Assert.True(attempt.Complete(BlockStatus.Ok)));
        }
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        CarryOut(attempt.Bio);
        lock (_held)
        {
            _seen.Add(SeenBio.Of(attempt.Bio));
            if (Holds && _random.Next(4) != 0)
            {
                _held.Add(attempt);
                return;
            }
        }

        attempt.Complete(BlockStatus.Ok);
    }

    private BioAttempt[] TakeHeld()
    {
        lock (_held)
        {
            BioAttempt[] held = [.. _held];
            _held.Clear();
            return held;
        }
    }

    private void CarryOut(Bio bio)
    {
        Span<byte> place = _bytes.AsSpan(checked((int)(bio.Sector * 512)), checked((int)bio.Size));
        switch (bio.Op)
        {
            case BioOp.Write:
                SegmentMemory.Collect(bio).CopyTo(place);
                break;
            case BioOp.Read:
                SegmentMemory.Fill(bio, place);
                break;
            case BioOp.Discard or BioOp.WriteZeroes or BioOp.SecureErase:
                place.Clear();
                break;
            default:
                Assert.Fail($"{bio.Op} should not have come here.");
                break;
        }
    }
}

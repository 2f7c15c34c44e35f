using LibMultipath.Block;

namespace Mpathd.Engine;

/// <summary>
/// Does I/O to a disk, any disk, and keeps the books: every I/O that it submits is expected back once, and, when it
/// verifies, every block with what was acknowledged last. First <see cref="Start"/> and <see cref="Stop"/>, then
/// <see cref="StartReadBack"/>, with <see cref="Wait"/> after either.
/// </summary>
internal sealed class WorkloadEngine : IDisposable
{
    /// <summary>The most blocks that can be verified: the model keeps 5 bytes of each.</summary>
    public const long MostVerifiedBlocks = 1L << 28;

    private const int ReadBackBytes = 128 * 1024;

    private readonly WorkloadOptions _options;
    private readonly WorkloadLane[] _lanes;
    private LanePhase? _work;
    private LanePhase? _readBack;
    private volatile bool _abandoned;

    /// <summary>Makes the engine; it does nothing before <see cref="Start"/>.</summary>
    /// <param name="disk">Where the I/O goes.</param>
    /// <param name="options">What it does; checked by whoever made them.</param>
    public WorkloadEngine(BlockDevice disk, WorkloadOptions options)
    {
        _options = options;
        int most = IsSequential ? 1 : options.Lanes;
        int count = (int)Math.Min(Math.Min(most, options.Depth), options.Blocks);
        ulong run = SeededRandom.Mix(options.Seed ^ (ulong)DateTime.UtcNow.Ticks) | 1;
        _lanes = new WorkloadLane[count];
        for (int i = 0; i < count; i++)
        {
            (long first, long blocks) = RegionOf(i);
            BlockModel? model = options.Verify ? new BlockModel(first, (int)blocks, options.BlockSize, run, options.Zeroed) : null;
            int largest = Math.Max(options.BlockSize * options.MaxBlocksPerIo, options.Verify ? ReadBackBytes / options.BlockSize * options.BlockSize : 0);
            int depth = (options.Depth / count) + (i < options.Depth % count ? 1 : 0);
            _lanes[i] = new WorkloadLane(disk, options.BlockSize, depth, largest, model);
        }
    }

    /// <summary>The work that was measured; null before <see cref="Start"/>.</summary>
    public LanePhase? Work => _work;

    /// <summary>The read-back; null before <see cref="StartReadBack"/>.</summary>
    public LanePhase? ReadBack => _readBack;

    /// <summary>How many bytes the read-back has to read.</summary>
    public long ReadBackTotal { get; private set; }

    /// <summary>I/Os that ended with an error; not those that ended after <see cref="Abandon"/>.</summary>
    public long Errors => Sum(static phase => phase.Errors);

    /// <summary>Blocks that were read and were not what they must be.</summary>
    public long Miscompares => Sum(static phase => phase.Miscompares);

    /// <summary>I/Os that ended twice.</summary>
    public long Duplicated => _lanes.Sum(lane => lane.Duplicated);

    /// <summary>I/Os that are submitted and have not ended.</summary>
    public long UnderWay => _lanes.Sum(lane => lane.UnderWay);

    /// <summary>I/Os that had not ended when there had been time enough, and have not yet.</summary>
    public long Lost => _abandoned ? UnderWay : 0;

    /// <summary>The first few errors and miscompares, in words. To be read when nothing runs.</summary>
    public IEnumerable<string> Details => _lanes.SelectMany(lane => lane.Details);

    private bool IsSequential => _options.Pattern is AccessPattern.Read or AccessPattern.Write;

    /// <summary>Begins to submit.</summary>
    public void Start() => _work = LanePhase.Start(_lanes, [.. _lanes.Select((lane, i) => SourceOf(lane.Model, i))]);

    /// <summary>Submits nothing any more; what is under way ends. Blocks nobody.</summary>
    public void Stop()
    {
        foreach (WorkloadLane lane in _lanes)
        {
            lane.Stop();
        }
    }

    /// <summary>Waits until nothing is submitted any more and all has ended. False if the time did not suffice.</summary>
    public bool Wait(TimeSpan timeout) => (_readBack ?? _work)?.Wait(timeout) ?? true;

    /// <summary>Gives up what is under way: it counts as lost, unless it ends all the same.</summary>
    public void Abandon()
    {
        _abandoned = true;
        foreach (WorkloadLane lane in _lanes)
        {
            lane.Abandon();
        }
    }

    /// <summary>Begins to read every block of which it is known what it must hold. Nothing may be under way.</summary>
    public void StartReadBack()
    {
        foreach (WorkloadLane lane in _lanes)
        {
            lane.Rearm();
            BlockModel model = lane.Model ?? throw new InvalidOperationException("There is nothing to read back: the engine does not verify.");
            for (long block = model.First; block < model.First + model.Count; block++)
            {
                ReadBackTotal += model.IsKnown(block) ? _options.BlockSize : 0;
            }
        }

        _readBack = LanePhase.Start(_lanes, [.. _lanes.Select(lane => new ReadBackSource(lane.Model!, lane.LargestIoBlocks))]);
    }

    /// <summary>Gives the memory back; nothing may be running.</summary>
    public void Dispose()
    {
        foreach (WorkloadLane lane in _lanes)
        {
            lane.Dispose();
        }
    }

    private IIoSource SourceOf(BlockModel? model, int lane)
    {
        if (IsSequential)
        {
            return new SequentialSource(_options.Pattern == AccessPattern.Read ? BioOp.Read : BioOp.Write, model, _options.Blocks);
        }

        (long first, long count) = RegionOf(lane);
        return new RandomSource(_options, SeededRandom.Stream(_options.Seed, (ulong)lane), model, first, count);
    }

    private (long First, long Count) RegionOf(int lane)
    {
        long first = _options.Blocks * lane / _lanes.Length;
        return (first, (_options.Blocks * (lane + 1) / _lanes.Length) - first);
    }

    private long Sum(Func<LanePhase, long> number) => (_work is null ? 0 : number(_work)) + (_readBack is null ? 0 : number(_readBack));
}

using System.Diagnostics;
using LibMultipath.Block;

namespace Mpathd.Engine;

/// <summary>
/// One thread that submits, keeps so many I/Os in flight, and looks at what comes back. It owns a region of the disk,
/// the model of that region, its slots and its memory, so that nothing is shared but the disk. Allocates nothing
/// per I/O.
/// </summary>
internal sealed class WorkloadLane : IDisposable
{
    private const int MostDetails = 5;
    private const int SpareSlots = 8;

    private readonly BlockDevice _disk;
    private readonly int _blockSize;
    private readonly int _depth;
    private readonly IoLedger _ledger;
    private readonly CompletionQueue _completions = new();
    private readonly LaneBuffers _buffers;

    // Slots that are free, in the order in which they ended: each rests as long as it can.
    private readonly Queue<IoSlot> _free = new();
    private readonly List<string> _details = [];
    private int _underWay;
    private bool _stop;
    private bool _abandoned;

    /// <summary>Makes the lane; it does nothing before <see cref="Run"/>.</summary>
    /// <param name="disk">Where the I/O goes.</param>
    /// <param name="blockSize">In bytes.</param>
    /// <param name="depth">How many I/Os it keeps in flight.</param>
    /// <param name="largestIo">In bytes.</param>
    /// <param name="model">What the blocks of its region must hold; null when nothing is verified.</param>
    public WorkloadLane(BlockDevice disk, int blockSize, int depth, int largestIo, BlockModel? model)
    {
        _disk = disk;
        _blockSize = blockSize;
        _depth = depth;
        Model = model;
        _buffers = new LaneBuffers(depth, largestIo, disk.Limits.DmaAlignment + 1);
        int slots = (2 * depth) + SpareSlots;
        _ledger = new IoLedger(slots);
        Action<Bio> ended = OnEnded;
        for (int i = 0; i < slots; i++)
        {
            _free.Enqueue(new IoSlot(i, ended));
        }
    }

    /// <summary>What the blocks of its region must hold; null when nothing is verified.</summary>
    public BlockModel? Model { get; }

    /// <summary>The largest I/O, in blocks.</summary>
    public int LargestIoBlocks => _buffers.Size / _blockSize;

    /// <summary>What ended twice.</summary>
    public long Duplicated => _ledger.Duplicated;

    /// <summary>What is submitted and has not ended.</summary>
    public int UnderWay => _ledger.CountUnderWay();

    /// <summary>The first few errors and miscompares, in words. To be read when the lane does not run.</summary>
    public IReadOnlyList<string> Details => _details;

    /// <summary>
    /// Submits what the source says until it has no more or <see cref="Stop"/> is called, and returns when all of it has
    /// ended, or <see cref="Abandon"/> is called.
    /// </summary>
    /// <param name="source">What to do.</param>
    /// <param name="counters">What is done is added there.</param>
    /// <param name="latency">How long each took is recorded there.</param>
    public void Run(IIoSource source, LaneCounters counters, LatencyHistogram latency)
    {
        while (true)
        {
            Reap(counters, latency);
            bool submitted = false;
            while (_underWay < _depth && !Volatile.Read(ref _stop) && TrySubmit(source))
            {
                submitted = true;
            }

            if (Volatile.Read(ref _abandoned) || (_underWay == 0 && !submitted))
            {
                return;
            }

            if (!submitted || _underWay == _depth)
            {
                _completions.Wait();
            }
        }
    }

    /// <summary>Submits nothing any more. On any thread.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stop, true);
        _completions.Wake();
    }

    /// <summary>Does not wait any more for what is under way. On any thread.</summary>
    public void Abandon()
    {
        Volatile.Write(ref _abandoned, true);
        Stop();
    }

    /// <summary>Makes another <see cref="Run"/> possible after one that was stopped.</summary>
    public void Rearm() => Volatile.Write(ref _stop, Volatile.Read(ref _abandoned));

    /// <summary>Gives the memory back, unless a driver may still use it.</summary>
    public void Dispose()
    {
        if (UnderWay == 0)
        {
            _buffers.Dispose();
        }
    }

    private bool TrySubmit(IIoSource source)
    {
        IoSlot slot = _free.Peek();
        if (slot.Bio.IsSubmitted)
        {
            // An end too many was taken for its end. Its own will be the one that the ledger counts.
            _free.Enqueue(_free.Dequeue());
            return false;
        }

        if (!source.TryNext(slot))
        {
            return false;
        }

        _free.Dequeue();
        _underWay++;
        Bio bio = slot.Bio;
        if (slot.Op == BioOp.Flush)
        {
            bio.Reset(BioOp.Flush);
        }
        else
        {
            int bytes = slot.Count * _blockSize;
            bool ownBuffer = slot.Op == BioOp.Read || Model is not null;
            int buffer = ownBuffer ? slot.Buffer = _buffers.Take() : _buffers.Pattern;
            if (slot.Op == BioOp.Write)
            {
                Model?.Stamp(slot.Block, slot.Count, _buffers.Span(buffer, bytes));
            }

            bio.Reset(slot.Op, slot.Block * _blockSize / QueueLimits.SectorSize, slot.Flags);
            bio.AddSegment(new BioSegment(_buffers.Address(buffer), bytes));
        }

        slot.SubmitTimestamp = Stopwatch.GetTimestamp();
        _ledger.Submitted(slot.Entry);
        _disk.Submit(bio);
        return true;
    }

    // On the thread that ended the bio, often a driver's: it must not be kept.
    private void OnEnded(Bio bio)
    {
        var slot = (IoSlot)bio.State!;
        if (_ledger.Ended(slot.Entry))
        {
            slot.EndTimestamp = Stopwatch.GetTimestamp();
            _completions.Add(slot);
        }
    }

    private void Reap(LaneCounters counters, LatencyHistogram latency)
    {
        for (IoSlot? slot = _completions.TakeAll(); slot is not null;)
        {
            IoSlot? next = slot.Next;
            slot.Next = null;
            LookAt(slot, counters);
            latency.Record((long)Stopwatch.GetElapsedTime(slot.SubmitTimestamp, slot.EndTimestamp).TotalNanoseconds);
            _free.Enqueue(slot);
            _underWay--;
            slot = next;
        }
    }

    private void LookAt(IoSlot slot, LaneCounters counters)
    {
        bool ok = slot.Bio.Status == BlockStatus.Ok;
        if (!ok)
        {
            counters.CountError();
            if (_details.Count < MostDetails)
            {
                _details.Add($"{slot.Op} of {slot.Count} blocks at block {slot.Block} ended with {slot.Bio.Status.ToKernelName()}");
            }
        }

        if (Model is not null && slot.Op == BioOp.Write)
        {
            Model.EndWrite(slot.Block, slot.Count, ok);
        }
        else if (Model is not null && slot.Op == BioOp.Read)
        {
            if (ok)
            {
                Verify(slot, counters);
            }

            Model.EndRead(slot.Block, slot.Count);
        }

        counters.CountIo((long)slot.Count * _blockSize);
        if (slot.Buffer >= 0)
        {
            _buffers.Return(slot.Buffer);
            slot.Buffer = -1;
        }
    }

    private void Verify(IoSlot slot, LaneCounters counters)
    {
        ReadOnlySpan<byte> data = _buffers.Span(slot.Buffer, slot.Count * _blockSize);
        for (int i = 0; i < slot.Count; i++)
        {
            long block = slot.Block + i;
            ReadOnlySpan<byte> found = data.Slice(i * _blockSize, _blockSize);
            BlockVerdict verdict = Model!.Check(block, found);
            if (verdict != BlockVerdict.Good)
            {
                counters.CountMiscompare();
                if (_details.Count < MostDetails)
                {
                    _details.Add(new Miscompare(block, verdict, Model.AcknowledgedVersion(block), BlockModel.VersionIn(found)).ToString());
                }
            }
        }
    }
}

using LibMultipath.Block;

namespace LibMultipath.Tests.Torture;

/// <summary>
/// One of the I/Os that a submitter keeps under way, one after the other. It counts submissions and ends: they
/// alternate, or an I/O was lost or ended twice.
/// </summary>
internal sealed class TortureSlot
{
    public const int MaxBlocks = 32;

    private static readonly Action<Bio> s_ended = static bio => ((TortureSlot)bio.State!).Ended(bio, bio.Status, cancelled: false);

    private readonly TortureSubmitter _submitter;
    private BioOp _submittedOp;
    private BioFlags _submittedFlags;
    private long _submittedSector;
    private long _submissions;
    private long _ends;

    public TortureSlot(TortureSubmitter submitter, int index)
    {
        _submitter = submitter;
        Index = index;
    }

    public int Index { get; }

    public byte[] Buffer { get; } = GC.AllocateArray<byte>(MaxBlocks * TortureBlock.Size, pinned: true);

    /// <summary>Where a write is read back into.</summary>
    public byte[] BackBuffer { get; } = GC.AllocateArray<byte>(MaxBlocks * TortureBlock.Size, pinned: true);

    public int[] Versions { get; } = new int[MaxBlocks];

    public Bio? Bio { get; set; }

    public BioOp Op { get; set; }

    public BioFlags Flags { get; set; }

    public int First { get; set; }

    public int Count { get; set; }

    /// <summary>Whether the write is read back from inside its completion.</summary>
    public bool ReadsBack { get; set; }

    public bool MayBeCancelled { get; set; }

    public BlockStatus Status { get; private set; }

    public bool WasCancelled { get; private set; }

    public BlockStatus? BackStatus { get; private set; }

    public bool IsOutstanding => Volatile.Read(ref _submissions) != Volatile.Read(ref _ends);

    public long Ends => Volatile.Read(ref _ends);

    /// <summary>Submits the bio, to be told of its end through <see cref="Bio.EndIo"/>.</summary>
    public void Submit(BlockDevice disk, Bio bio)
    {
        Begin(bio);
        BackStatus = null;
        bio.EndIo = s_ended;
        disk.Submit(bio);
    }

    /// <summary>Submits the bio, to be told of its end through the task.</summary>
    public async Task SubmitAsync(BlockDevice disk, Bio bio, CancellationToken token)
    {
        Begin(bio);
        BackStatus = null;
        bio.EndIo = null;
        bool cancelled = false;
        BlockStatus status;
        try
        {
            status = await disk.SubmitAsync(bio, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancelled = true;
            status = bio.Status;
        }
        catch (Exception exception)
        {
            _submitter.Verdict.Fail($"{this}: {exception}");
            return;
        }

        Ended(bio, status, cancelled);
    }

    public override string ToString() =>
        $"slot {_submitter.Number}/{Index}: submission {Volatile.Read(ref _submissions)}, {Op} {First}+{Count} ({_submittedFlags}){(ReadsBack ? ", reads back" : "")}{(MayBeCancelled ? ", may be cancelled" : "")}";

    private void Begin(Bio bio)
    {
        Bio = bio;
        bio.State = this;
        bio.Tag = _submissions + 1;
        _submittedOp = bio.Op;
        _submittedFlags = bio.Flags;
        _submittedSector = bio.Sector;
        Volatile.Write(ref _submissions, _submissions + 1);
    }

    // On whatever thread.
    private void Ended(Bio bio, BlockStatus status, bool cancelled)
    {
        long ends = Interlocked.Increment(ref _ends);
        if (ends != Volatile.Read(ref _submissions) || bio != Bio || bio.Tag != ends)
        {
            _submitter.Verdict.Fail($"{this}: end {ends} for submission {bio.Tag}: ended more than once.");
            return;
        }

        if (bio.IsSubmitted || bio.Op != _submittedOp || bio.Flags != _submittedFlags || bio.Sector != _submittedSector || status != bio.Status)
        {
            _submitter.Verdict.Fail($"{this}: the bio came back as {bio.Op} {bio.Sector} ({bio.Flags}), {bio.Status}, submitted: {bio.IsSubmitted}.");
        }

        if (ReadsBack)
        {
            if (bio.Op == BioOp.Write && status == BlockStatus.Ok)
            {
                Status = status;
                ReadBack(bio);
                return;
            }

            if (bio.Op == BioOp.Read)
            {
                BackStatus = status;
                _submitter.Ready(this);
                return;
            }
        }

        Status = status;
        WasCancelled = cancelled;
        _submitter.Ready(this);
    }

    private void ReadBack(Bio bio)
    {
        WasCancelled = false;
        bio.Reset(BioOp.Read, _submittedSector);
        bio.AddSegment(BackBuffer.AsMemory(0, Count << TortureBlock.Shift));
        Begin(bio);
        _submitter.Disk.Submit(bio);
    }
}

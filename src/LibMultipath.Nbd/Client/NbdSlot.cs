using LibMultipath.Block;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>A request on its way to a server and back. It is over when it has been sent and answered, whichever comes last.</summary>
/// <param name="session">Whose it is.</param>
/// <param name="index">Its place in the session's table.</param>
internal sealed class NbdSlot(NbdSession session, int index) : NbdFrame
{
    private const int IsSent = 1;
    private const int IsAnsweredBit = 2;

    private uint _round;
    private int _state;
    private bool _hasData;

    /// <summary>What is to be done; only while it is busy.</summary>
    public BioAttempt Attempt { get; private set; }

    /// <summary>The number that the server answers with: never the same twice in a session, as far as that can matter; 0 while it is free.</summary>
    public ulong Cookie { get; private set; }

    /// <summary>What was asked for.</summary>
    public NbdCommand Command { get; private set; }

    /// <summary>The first byte on the disk.</summary>
    public ulong Offset { get; private set; }

    /// <summary>In bytes.</summary>
    public uint Length { get; private set; }

    /// <summary>How many bytes of a read have come.</summary>
    public uint Received { get; set; }

    /// <summary>How the server says that it went.</summary>
    public BlockStatus Status { get; set; }

    /// <summary>When it was begun, in ticks of the session.</summary>
    public long Tick { get; private set; }

    /// <summary>The next free one. The session's.</summary>
    public NbdSlot? NextFree { get; set; }

    /// <summary>Whether the server has said everything.</summary>
    public bool IsAnswered => (Volatile.Read(ref _state) & IsAnsweredBit) != 0;

    /// <summary>Whether the server may still carry it out after it was given up, and it changes the disk.</summary>
    public bool MayBeCarriedOut => IsBegun && (Command is NbdCommand.Write or NbdCommand.Trim or NbdCommand.WriteZeroes);

    /// <inheritdoc/>
    public override ReadOnlySpan<BioSegment> Payload => _hasData ? Attempt.Bio.Segments : default;

    /// <summary>Whether there is a request for this.</summary>
    public static bool CanDo(BioOp op) => op is BioOp.Read or BioOp.Write or BioOp.Flush or BioOp.Discard or BioOp.WriteZeroes;

    /// <summary>Takes an attempt. It can be sent then.</summary>
    public void Begin(BioAttempt attempt, long tick)
    {
        Bio bio = attempt.Bio;
        Attempt = attempt;
        Tick = tick;
        Received = 0;
        Status = BlockStatus.Ok;
        _state = 0;
        Command = CommandOf(bio.Op);
        Offset = Command == NbdCommand.Flush ? 0 : (ulong)bio.Sector * QueueLimits.SectorSize;
        Length = Command == NbdCommand.Flush ? 0 : (uint)bio.Size;
        NbdCommandFlags flags = (bio.Flags & BioFlags.Fua) != 0 ? NbdCommandFlags.Fua : NbdCommandFlags.None;
        if (Command == NbdCommand.WriteZeroes && (bio.Flags & BioFlags.NoUnmap) != 0)
        {
            flags |= NbdCommandFlags.NoHole;
        }

        _hasData = Command == NbdCommand.Write;
        PayloadLength = _hasData ? Length : 0;
        HeaderLength = NbdRequest.Size;
        Cookie = ((ulong)++_round << 32) | (uint)index;
        new NbdRequest(Command, flags, Cookie, Offset, Length).Write(HeaderRoom);
    }

    /// <summary>It is free again.</summary>
    public BioAttempt End()
    {
        BioAttempt attempt = Attempt;
        Attempt = default;

        // First: a number that comes next must not meet what is known of this one.
        IsTaken = false;
        Cookie = 0;
        _hasData = false;
        return attempt;
    }

    /// <inheritdoc/>
    public override void OnSent() => EndIfLast(IsSent);

    /// <summary>The server has said everything.</summary>
    public void OnAnswered() => EndIfLast(IsAnsweredBit);

    /// <inheritdoc/>
    public override string ToString() => $"{Command} of {Length} bytes at {Offset}";

    private void EndIfLast(int bit)
    {
        if ((Interlocked.Or(ref _state, bit) | bit) == (IsSent | IsAnsweredBit))
        {
            session.Complete(this);
        }
    }

    private static NbdCommand CommandOf(BioOp op) => op switch
    {
        BioOp.Read => NbdCommand.Read,
        BioOp.Write => NbdCommand.Write,
        BioOp.Flush => NbdCommand.Flush,
        BioOp.Discard => NbdCommand.Trim,
        _ => NbdCommand.WriteZeroes,
    };
}

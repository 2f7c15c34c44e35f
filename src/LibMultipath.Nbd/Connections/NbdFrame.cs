using LibMultipath.Block;

namespace LibMultipath.Nbd.Connections;

/// <summary>
/// A message that is sent: a header, and data that stays where it is. Made once, and used again and again: from
/// <see cref="FrameSender.TryAdd"/> until <see cref="OnSent"/>, or until its sender has ended, it is the sender's.
/// </summary>
internal abstract class NbdFrame
{
    /// <summary>The longest header, in bytes.</summary>
    public const int MaxHeader = 40;

    // Pinned for good: the kernel reads it without a handle for each message.
    private readonly byte[] _header = GC.AllocateUninitializedArray<byte>(MaxHeader, pinned: true);

    /// <summary>How much of the header is used, in bytes.</summary>
    public int HeaderLength { get; protected set; }

    /// <summary>How long the data is, in bytes.</summary>
    public long PayloadLength { get; protected set; }

    /// <summary>The data, in order.</summary>
    public abstract ReadOnlySpan<BioSegment> Payload { get; }

    /// <summary>Whether it is being sent, so that it cannot be taken back any more. Set before the peer can know of it.</summary>
    public bool IsTaken { get; set; }

    /// <summary>Whether a byte of it may have left: written by the sender, valid for others when that has ended.</summary>
    public bool IsBegun { get; set; }

    /// <summary>The next one that is to be sent. The sender's.</summary>
    public NbdFrame? Next { get; set; }

    /// <summary>Where the header is.</summary>
    public Memory<byte> Header => _header.AsMemory(0, HeaderLength);

    /// <summary>Room for the header.</summary>
    protected Span<byte> HeaderRoom => _header;

    /// <summary>All of it has left, and its memory is not looked at any more. On the thread that sends; must not block or throw.</summary>
    public abstract void OnSent();
}

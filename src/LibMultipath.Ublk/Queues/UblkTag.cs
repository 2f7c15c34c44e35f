using System.Runtime.InteropServices;

namespace LibMultipath.Ublk.Queues;

/// <summary>What a queue knows of a tag. A cache line each: neighbours are completed by different threads.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct UblkTag
{
    /// <summary>No tag.</summary>
    public const int None = -1;

    /// <summary>Set in <see cref="Sequence"/> when the queue is gone and the request is not.</summary>
    public const int Orphan = int.MinValue;

    /// <summary>Odd while a request is with the target; each request has another number, so that a late completion is seen.</summary>
    public int Sequence;

    /// <summary>Bytes, or minus an errno. Who completes writes it, before the tag is handed to the queue's thread.</summary>
    public int Result;

    /// <summary>The next tag that was completed on another thread.</summary>
    public int Next;

    /// <summary>Whether the request's pages were registered by hand, and have to be unregistered so.</summary>
    public bool RegisteredByHand;

    /// <summary>Whether the data of a write was asked for, and has not come.</summary>
    public bool GetsData;

    /// <summary>Where an append went, in sectors.</summary>
    public ulong AppendSector;

    /// <summary>The buffer; 0 in a mode without.</summary>
    public nint Buffer;
}

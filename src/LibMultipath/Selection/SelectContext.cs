using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>The I/O that a path is chosen for.</summary>
public readonly ref struct SelectContext
{
    private readonly MpathHead _head;
    private readonly Bio? _bio;

    internal SelectContext(MpathHead head, Bio? bio, int node)
    {
        _head = head;
        _bio = bio;
        Node = node;
    }

    /// <summary>The namespace id of the head, by which one of all heads of a subsystem is told; 0 for a head without a subsystem.</summary>
    public uint NamespaceId => _head.NamespaceId;

    /// <summary>Whether it is a bio. A command that is none has no sector, no bytes, and reads.</summary>
    public bool IsBio => _bio is not null;

    /// <summary>Its first sector, in 512 bytes.</summary>
    public long Sector => _bio?.Sector ?? 0;

    /// <summary>How many bytes it covers.</summary>
    public long Bytes => _bio?.Size ?? 0;

    /// <summary>What is to be done.</summary>
    public BioOp Op => _bio?.Op ?? BioOp.Read;

    /// <summary>The NUMA node of the submitter, from 0.</summary>
    public int Node { get; }

    /// <summary>The processor of the submitter, from 0. Looked up at every call.</summary>
    public static int Cpu => Thread.GetCurrentProcessorId();
}

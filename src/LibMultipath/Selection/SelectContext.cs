using LibMultipath.Block;

namespace LibMultipath.Selection;

/// <summary>The I/O that a path is chosen for.</summary>
public readonly ref struct SelectContext
{
    private readonly Bio? _bio;

    internal SelectContext(Bio? bio, int node)
    {
        _bio = bio;
        Node = node;
    }

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

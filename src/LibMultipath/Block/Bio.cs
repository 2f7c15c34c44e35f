using System.Runtime.CompilerServices;

namespace LibMultipath.Block;

/// <summary>
/// One I/O: an operation, a place and the memory to read into or write from (the kernel's <c>struct bio</c>).
/// </summary>
/// <remarks>
/// <para><b>Ownership.</b> A bio belongs to its submitter until <see cref="BlockDevice.Submit"/> or
/// <see cref="BlockDevice.SubmitAsync"/>, then to the disk until it has ended, then to the submitter again. It ends
/// exactly once. While it is submitted neither it nor its memory may be touched.</para>
/// <para><b>How it tells that it ended.</b> Through <see cref="EndIo"/> when that is set, otherwise through the task
/// of <see cref="BlockDevice.SubmitAsync"/>.</para>
/// <para><b>Pooling.</b> <see cref="Rent(BioOp, long, Memory{byte}, BioFlags)"/> takes one from the pool, and
/// <see cref="Dispose"/> gives it back. A bio may be submitted any number of times in between.</para>
/// </remarks>
public sealed partial class Bio : IDisposable
{
    private BioSegment[] _segments = new BioSegment[1];
    private int _segmentCount;

    // What the segments say of the bio, beside what its submitter asks for.
    private BioFlags _dataFlags;
    private long _size;

    /// <summary>Makes a bio that no pool knows; <see cref="Rent(BioOp, long, Memory{byte}, BioFlags)"/> is the usual way.</summary>
    public Bio()
    {
    }

    /// <summary>What is asked for.</summary>
    public BioOp Op { get; set; }

    /// <summary>
    /// What is asked for beside it. While a bio is submitted its disk may change them (a disk without a volatile
    /// cache drops FUA); they are as the submitter set them again when it has ended.
    /// </summary>
    public BioFlags Flags { get; set; }

    /// <summary>The first sector, in units of 512 bytes whatever the disk's block size (<c>bi_sector</c>).</summary>
    public long Sector { get; set; }

    /// <summary>
    /// How many bytes the bio covers (<c>bi_size</c>). For an operation that moves data it is the length of the
    /// segments; for one that does not (discard, write zeroes), it is set.
    /// </summary>
    /// <exception cref="InvalidOperationException">It is set on a bio that has segments.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is set to less than 0.</exception>
    public long Size
    {
        get => _size;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            if (_segmentCount != 0)
            {
                throw new InvalidOperationException("The size of a bio with segments is the length of its segments.");
            }

            _size = value;
        }
    }

    /// <summary>The memory of the bio, in the order of the sectors.</summary>
    public ReadOnlySpan<BioSegment> Segments => new(_segments, 0, _segmentCount);

    /// <summary>How many segments there are (<c>bi_vcnt</c>).</summary>
    public int SegmentCount => _segmentCount;

    /// <summary>The disk that the bio is aimed at now (<c>bi_bdev</c>): the head disk, then the disk of a path.</summary>
    public BlockDevice? Device { get; internal set; }

    /// <summary>Where a <see cref="BioOp.ZoneAppend"/> has written, in units of 512 bytes. Meaningful once it has ended well.</summary>
    public long AppendedSector { get; internal set; }

    /// <summary>How the bio ended. Meaningful once it has.</summary>
    public BlockStatus Status { get; private set; }

    /// <summary>Anything the submitter wants to find again in <see cref="EndIo"/> (<c>bi_private</c>).</summary>
    public object? State { get; set; }

    /// <summary>A number of the submitter's, beside <see cref="State"/>.</summary>
    public long Tag { get; set; }

    /// <summary>
    /// The disk whose business the outcome of an attempt is: the one that the bio was submitted to, or the one
    /// that a partition handed it to.
    /// </summary>
    internal BlockDevice? Owner { get; set; }

    /// <summary>
    /// What a stacking disk keeps with a bio, made once and kept over the life of the object, so that it costs
    /// nothing per I/O (the kernel's front pad of a bio set).
    /// </summary>
    internal object? StackData { get; set; }

    /// <summary>Adds managed memory at the end.</summary>
    /// <param name="memory">Not touched by anyone else until the bio has ended.</param>
    public void AddSegment(Memory<byte> memory) => AddSegment(new BioSegment(memory));

    /// <summary>Adds a segment at the end.</summary>
    /// <param name="segment">Its memory must stay valid until the bio has ended.</param>
    public void AddSegment(BioSegment segment)
    {
        ThrowIfSubmitted();
        if (_segmentCount == _segments.Length)
        {
            Array.Resize(ref _segments, _segments.Length * 2);
        }

        if (!segment.IsNative && segment.TryGetRegistered(out _, out _))
        {
            _dataFlags = BioFlags.Registered;
        }

        _size = _segmentCount == 0 ? segment.Length : _size + segment.Length;
        _segments[_segmentCount++] = segment;
    }

    /// <summary>Makes this bio another I/O: no segments, no size, no completion.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="sector">The first sector, in units of 512 bytes.</param>
    /// <param name="flags">What is asked for beside it.</param>
    public void Reset(BioOp op, long sector = 0, BioFlags flags = BioFlags.None)
    {
        ThrowIfSubmitted();
        Op = op;
        Sector = sector;
        Flags = flags;
        ClearSegments();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref readonly BioSegment SegmentAt(int index) => ref _segments[index];

    internal void ClearSegments()
    {
        // The array is kept, the memory that it refers to is not.
        Array.Clear(_segments, 0, _segmentCount);
        _segmentCount = 0;
        _dataFlags = BioFlags.None;
        _size = 0;
    }
}

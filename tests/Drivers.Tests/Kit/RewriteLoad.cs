using LibMultipath.Block;
using LibMultipath.Tests.Kit;

namespace Drivers.Tests.Kit;

/// <summary>
/// Slots that are written again and again, each with one write under way at a time and another content every time, so
/// that what a slot must hold at the end is known; one write in eight has to be on the medium.
/// </summary>
internal sealed class RewriteLoad : IDisposable
{
    private readonly BlockDevice _disk;
    private readonly int _size;
    private readonly Bio[] _bios;
    private volatile bool _stopping;
    private long _submitted;
    private long _ended;
    private long _errors;
    private int _running;

    public RewriteLoad(BlockDevice disk, int slots, int size)
    {
        _disk = disk;
        _size = size;
        _running = slots;
        _bios = [.. Enumerable.Range(0, slots).Select(slot => Bio.Rent(BioOp.Write, slot * (size / 512L), new byte[size]))];
        foreach (Bio bio in _bios)
        {
            bio.EndIo = OnEnd;
            Submit(bio);
        }
    }

    public long Submitted => Volatile.Read(ref _submitted);

    public long Ended => Volatile.Read(ref _ended);

    public long Errors => Volatile.Read(ref _errors);

    /// <summary>What the disk must hold once the load has stopped.</summary>
    public byte[] Expected => [.. _bios.SelectMany(bio => bio.Segments[0].Span.ToArray())];

    public void Stop()
    {
        _stopping = true;
        Eventually.True(() => Volatile.Read(ref _running) == 0, "the load to stop");
    }

    public void Dispose()
    {
        Stop();
        Array.ForEach(_bios, bio => bio.Dispose());
    }

    private void Submit(Bio bio)
    {
        bio.Tag++;
        bio.Flags = bio.Tag % 8 == 0 ? BioFlags.Fua : BioFlags.None;
        BitConverter.TryWriteBytes(bio.Segments[0].Span, bio.Tag);
        BitConverter.TryWriteBytes(bio.Segments[0].Span[(_size - 8)..], bio.Tag);
        Interlocked.Increment(ref _submitted);
        _disk.Submit(bio);
    }

    private void OnEnd(Bio bio)
    {
        Interlocked.Increment(ref _ended);
        if (bio.Status != BlockStatus.Ok)
        {
            Interlocked.Increment(ref _errors);
        }

        if (_stopping)
        {
            Interlocked.Decrement(ref _running);
        }
        else
        {
            Submit(bio);
        }
    }
}

using LibMultipath.IoUring;

namespace LibMultipath.Ublk.Queues;

/// <summary>
/// The buffers of a queue's tags: one area, whose pages come when they are touched and go when the queue is idle, or
/// those that the target has.
/// </summary>
internal sealed class UblkBuffers : IDisposable
{
    private readonly UblkQueue _queue;
    private readonly UblkTarget _target;
    private readonly int _size;
    private readonly nint[] _targets;
    private MappedMemory? _area;

    public UblkBuffers(UblkQueue queue, UblkTarget target, int size)
    {
        _queue = queue;
        _target = target;
        int page = Environment.SystemPageSize;
        _size = (size + page - 1) & ~(page - 1);
        _targets = new nint[queue.TagCount];
    }

    /// <summary>The buffer of a tag; 0 in a mode without.</summary>
    public unsafe nint Take(int tag)
    {
        if (_queue.Mode is UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy)
        {
            return 0;
        }

        int index = tag - _queue.FirstTag;
        nint own = _target.AllocateBuffer(_queue, tag, _size);
        if (own != 0)
        {
            _targets[index] = own;
            return own;
        }

        _area ??= MappedMemory.Anonymous((nuint)_size * (nuint)_queue.TagCount);
        return (nint)_area.Address + ((nint)index * _size);
    }

    /// <summary>Gives the pages of the queue's own area back.</summary>
    public void Discard() => _area?.Discard();

    public void Dispose()
    {
        _area?.Dispose();
        for (int i = 0; i < _targets.Length; i++)
        {
            if (_targets[i] is not 0 and nint own)
            {
                int tag = _queue.FirstTag + i;
                _queue.TellTarget((target, queue) => target.FreeBuffer(queue, tag, own));
            }
        }
    }
}

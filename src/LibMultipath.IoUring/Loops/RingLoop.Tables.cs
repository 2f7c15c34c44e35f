using System.Runtime.InteropServices;

namespace LibMultipath.IoUring.Loops;

// The files and buffers that the loop's ring knows in advance. The tables are made when they are first asked for.
public sealed partial class RingLoop
{
    /// <summary>How many registered files a loop can have.</summary>
    public const int MostFiles = 256;

    /// <summary>How many registered buffers a loop can have; the kernel's own limit.</summary>
    public const int MostBuffers = 16384;

    private readonly Stack<int> _freeFiles = new();
    private bool _filesFailed;
    private int _fileSlots;
    private int _bufferSlots;
    private int _bufferGroups;

    /// <summary>
    /// Registers a file, so that an I/O need not look its descriptor up. On the loop's thread. The ring holds the file
    /// until <see cref="RemoveFile"/>, or the loop's end.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <returns>Its slot; -1 when there is none left, or the kernel cannot do it: the descriptor works as well.</returns>
    public int AddFile(SafeHandle file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (_filesFailed || (_freeFiles.Count == 0 && _fileSlots == MostFiles))
        {
            return -1;
        }

        int slot = _freeFiles.Count > 0 ? _freeFiles.Peek() : _fileSlots;
        try
        {
            if (_fileSlots == 0)
            {
                Ring.RegisterFiles(MostFiles);
            }

            Ring.SetFile(slot, file);
        }
        catch (RingException)
        {
            _filesFailed = _fileSlots == 0;
            return -1;
        }

        if (!_freeFiles.TryPop(out _))
        {
            _fileSlots++;
        }

        return slot;
    }

    /// <summary>
    /// Lets a registered file go, as <see cref="Ring.SetFile"/> does: what has begun ends with it, and nothing else may be
    /// under way. On the loop's thread.
    /// </summary>
    /// <param name="slot">As <see cref="AddFile"/> said.</param>
    public void RemoveFile(int slot)
    {
        Ring.SetFile(slot, null);
        _freeFiles.Push(slot);
    }

    /// <summary>Takes a run of slots of the table of registered buffers, for the life of the loop. On the loop's thread.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The first one.</returns>
    /// <exception cref="RingException">The kernel cannot do it.</exception>
    /// <exception cref="InvalidOperationException">There are not so many left.</exception>
    public int TakeBufferSlots(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (count > MostBuffers - _bufferSlots)
        {
            throw new InvalidOperationException($"{count} slots for registered buffers were asked for, and {MostBuffers - _bufferSlots} are left; use more loops.");
        }

        if (_bufferSlots == 0)
        {
            Ring.RegisterBuffers(MostBuffers);
        }

        int first = _bufferSlots;
        _bufferSlots += count;
        return first;
    }

    /// <summary>A number for a group of provided buffers that nobody else on the loop has. On the loop's thread.</summary>
    public ushort TakeBufferGroup() => checked((ushort)_bufferGroups++);
}

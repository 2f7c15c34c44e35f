using System.Numerics;
using System.Runtime.InteropServices;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// Native memory for the data of requests, aligned to a page and in sizes that are powers of two, which is kept for the next
/// request for as long as requests come. What is in use and what is kept are together never more than the limit.
/// </summary>
/// <remarks>Any thread. Who takes memory has asked the <see cref="MemoryBudget"/> for it, so there is room.</remarks>
internal sealed unsafe class BufferPool : IDisposable
{
    private const int PageShift = 12;
    private const int Sizes = 14; // up to 32 MiB

    private readonly Lock _lock = new();
    private readonly long _limit;
    private readonly Stack<nint>[] _kept = new Stack<nint>[Sizes];

    // How many of a size nobody has needed since the last time it was looked at.
    private readonly int[] _spare = new int[Sizes];
    private long _inUse;
    private long _keptBytes;
    private bool _closed;

    public BufferPool(long limit)
    {
        _limit = limit;
        for (int i = 0; i < Sizes; i++)
        {
            _kept[i] = new Stack<nint>();
        }
    }

    /// <summary>What is in use and what is kept, in bytes.</summary>
    public long Allocated
    {
        get
        {
            lock (_lock)
            {
                return _inUse + _keptBytes;
            }
        }
    }

    /// <summary>How much memory data of a length takes, in bytes.</summary>
    public static int SizeFor(int length) => 1 << (PageShift + IndexOf(length));

    /// <summary>Takes memory for data of a length. What is in it is anything.</summary>
    /// <exception cref="OutOfMemoryException">The machine has none. Nothing was taken.</exception>
    public nint Rent(int length)
    {
        int index = IndexOf(length);
        lock (_lock)
        {
            _inUse += 1L << (PageShift + index);
            if (_kept[index].TryPop(out nint buffer))
            {
                _keptBytes -= 1L << (PageShift + index);
                _spare[index] = Math.Min(_spare[index], _kept[index].Count);
                return buffer;
            }

            _spare[index] = 0;
            MakeRoom();
        }

        try
        {
            return (nint)NativeMemory.AlignedAlloc((nuint)1 << (PageShift + index), 1 << PageShift);
        }
        catch (OutOfMemoryException)
        {
            lock (_lock)
            {
                _inUse -= 1L << (PageShift + index);
            }

            throw;
        }
    }

    /// <summary>Gives memory back that was taken for data of a length. Nothing looks at it any more.</summary>
    public void Return(nint buffer, int length)
    {
        int index = IndexOf(length);
        lock (_lock)
        {
            _inUse -= 1L << (PageShift + index);
            if (!_closed)
            {
                _kept[index].Push(buffer);
                _keptBytes += 1L << (PageShift + index);
                return;
            }
        }

        NativeMemory.AlignedFree((void*)buffer);
    }

    /// <summary>Frees what nobody has needed since the last call.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            for (int index = 0; index < Sizes; index++)
            {
                Free(index, _spare[index]);
                _spare[index] = _kept[index].Count;
            }
        }
    }

    /// <summary>Frees what is kept, and what is given back from now on.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            for (int index = 0; index < Sizes; index++)
            {
                Free(index, _kept[index].Count);
            }
        }
    }

    // What is kept of other sizes goes, the largest first.
    private void MakeRoom()
    {
        for (int index = Sizes - 1; index >= 0 && _inUse + _keptBytes > _limit; index--)
        {
            while (_kept[index].Count > 0 && _inUse + _keptBytes > _limit)
            {
                Free(index, 1);
            }

            _spare[index] = Math.Min(_spare[index], _kept[index].Count);
        }
    }

    private void Free(int index, int count)
    {
        for (int i = 0; i < count && _kept[index].TryPop(out nint buffer); i++)
        {
            NativeMemory.AlignedFree((void*)buffer);
            _keptBytes -= 1L << (PageShift + index);
        }
    }

    private static int IndexOf(int length) => Math.Max(0, 32 - BitOperations.LeadingZeroCount((uint)(length - 1)) - PageShift);
}

using System.Collections.Concurrent;
using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.IoUring.Loops;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// A path's place on a loop: its operations there, used again and again, and its file as one that the ring knows. All of
/// it belongs to the loop's thread, but <see cref="HandOver"/>,
/// <see cref="Abort"/> and <see cref="LetGo"/>.
/// </summary>
internal sealed class LoopLane(RingLoop loop, DescriptorTarget target, LoopHelper helper) : RingWork
{
    private readonly List<LoopOperation> _operations = [];
    private readonly Stack<LoopOperation> _idle = new();
    private readonly ConcurrentQueue<BioAttempt?> _unwanted = new();
    private readonly ConcurrentQueue<(BioAttempt Attempt, SafeFileHandle File)> _handedOver = new();
    private LoopSlot? _slot;

    public RingLoop Loop => loop;

    public DescriptorTarget Target => target;

    /// <summary>Does what the ring cannot.</summary>
    public LoopHelper Helper => helper;

    /// <summary>Gives an attempt to the ring; false if the file is closed or the ring full, and the attempt is still the caller's.</summary>
    public bool TryBegin(BioAttempt attempt, SafeFileHandle file)
    {
        if (!TryHold(file))
        {
            return false;
        }

        if (!_idle.TryPop(out LoopOperation? operation))
        {
            operation = new LoopOperation(this);
            _operations.Add(operation);
        }

        try
        {
            operation.Begin(attempt, file);
            return true;
        }
        catch (Exception exception) when (exception is RingException or ObjectDisposedException)
        {
            // It had no room, or the memory is gone. The operation has let go of everything.
            return false;
        }
    }

    /// <summary>Has an attempt begun on the loop's thread: its data is where only that loop's ring can get it. Any thread.</summary>
    public void HandOver(BioAttempt attempt, SafeFileHandle file)
    {
        _handedOver.Enqueue((attempt, file));
        Post();
    }

    /// <summary>The file as the ring knows it, for one operation more.</summary>
    public LoopSlot Use(SafeFileHandle file)
    {
        if (_slot?.File != file)
        {
            LoopSlot? old = _slot;
            _slot = null;
            RemoveUnused(old);
            _slot = new LoopSlot(file, loop.AddFile(file));
        }

        _slot.Users++;
        return _slot;
    }

    /// <summary>An operation with a slot is over.</summary>
    public void Unuse(LoopSlot slot)
    {
        slot.Users--;
        RemoveUnused(slot);
    }

    /// <summary>An operation is over.</summary>
    public void Return(LoopOperation operation) => _idle.Push(operation);

    /// <summary>Asks the kernel for an attempt; null for all that it has now.</summary>
    public void Abort(BioAttempt? attempt)
    {
        _unwanted.Enqueue(attempt);
        Post();
    }

    /// <summary>Lets the file go if its descriptor is closed.</summary>
    public void LetGo() => Post();

    protected override void Run()
    {
        BeginHandedOver();
        while (_unwanted.TryDequeue(out BioAttempt? attempt))
        {
            foreach (LoopOperation operation in _operations)
            {
                if (operation.IsUnderWay && (attempt is null || operation.Attempt == attempt))
                {
                    operation.Abort();
                }
            }
        }

        RemoveUnused(_slot);
    }

    private void Post()
    {
        loop.TryPost(this);
        if (loop.Ring.IsDisposed)
        {
            // The loop has had its last turn, or this is in it.
            BeginHandedOver();
        }
    }

    private void BeginHandedOver()
    {
        while (_handedOver.TryDequeue(out (BioAttempt Attempt, SafeFileHandle File) next))
        {
            if (!loop.IsCurrent || !TryBegin(next.Attempt, next.File))
            {
                next.Attempt.FailPath(BlockStatus.Transport);
            }
        }
    }

    // Who holds the file keeps its descriptor from being closed, and its number from being another file's.
    private static bool TryHold(SafeFileHandle file)
    {
        bool held = false;
        try
        {
            if (!file.IsClosed)
            {
                file.DangerousAddRef(ref held);
            }
        }
        catch (ObjectDisposedException)
        {
            // Since it was asked.
        }

        return held;
    }

    private void RemoveUnused(LoopSlot? slot)
    {
        if (slot is null || slot.Users != 0 || (slot == _slot && !slot.File.IsClosed))
        {
            return;
        }

        if (slot == _slot)
        {
            _slot = null;
        }

        if (slot.Number >= 0 && !loop.Ring.IsDisposed)
        {
            loop.RemoveFile(slot.Number);
        }
    }
}

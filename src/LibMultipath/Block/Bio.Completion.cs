using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace LibMultipath.Block;

public sealed partial class Bio : IValueTaskSource<BlockStatus>
{
    private ManualResetValueTaskSourceCore<BlockStatus> _completion = new() { RunContinuationsAsynchronously = true };
    private BioFlags _submittedFlags;
    private long _sectorOffset;
    private bool _submitted;

    /// <summary>
    /// Called when the bio has ended, on the thread that ended it (<c>bi_end_io</c>): often a driver's. It must not
    /// block, and it may submit this bio or others. When it is null, the task of
    /// <see cref="BlockDevice.SubmitAsync"/> tells, and goes on on the thread pool.
    /// </summary>
    public Action<Bio>? EndIo { get; set; }

    /// <summary>Whether the bio is submitted and has not ended.</summary>
    public bool IsSubmitted => Volatile.Read(ref _submitted);

    internal short Version => _completion.Version;

    /// <summary>The compound that this bio is a part of, if a larger bio was split.</summary>
    internal BioCompound? Parent { get; set; }

    BlockStatus IValueTaskSource<BlockStatus>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<BlockStatus>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<BlockStatus>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);

    /// <summary>Marks the bio as given to a disk.</summary>
    /// <exception cref="InvalidOperationException">It is with one already.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeginSubmission(BlockDevice device)
    {
        ThrowIfSubmitted();
        _submitted = true;
        Flags = (Flags & ~(BioFlags.Mpath | BioFlags.Registered)) | _dataFlags;
        _submittedFlags = Flags;
        _retries = 0;
        _cancelled = false;
        _cancelRequested = false;
        IsCancellable = Parent is { IsCancellable: true };
        SetOwner(device);
        SetDevice(device);
    }

    /// <summary>What the submitter asked for.</summary>
    internal BioFlags SubmittedFlags => _submittedFlags;

    /// <summary>Gives the bio back the flags that a disk took off it; it is looked at anew.</summary>
    internal void RestoreFlags() => Flags = _submittedFlags | (Flags & BioFlags.Mpath);

    /// <summary>Makes the task of this submission a new one.</summary>
    internal void BeginTask() => _completion.Reset();

    /// <summary>Moves the bio to the disk that the device it was submitted to is a part of.</summary>
    internal void Relocate(BlockDevice owner, long sectors)
    {
        _sectorOffset += sectors;
        Sector += sectors;
        Owner = owner;
        Device = owner;
    }

    /// <summary>Ends the bio. Only who owns it may call it, and must not touch it afterwards.</summary>
    internal void Finish(BlockStatus status)
    {
        Status = status;
        Flags = _submittedFlags;
        if (_sectorOffset != 0)
        {
            Sector -= _sectorOffset;
            _sectorOffset = 0;
        }

        if (!_ticketArmed || TryDetachCancellation())
        {
            SignalEnd();
        }
    }

    /// <summary>Ends the bio without telling anyone: it stood for another one.</summary>
    internal void EndClone() => Volatile.Write(ref _submitted, false);

    /// <summary>Tells that the bio has ended, and lets go of it: its submitter may use it again.</summary>
    internal void SignalEnd()
    {
        Volatile.Write(ref _submitted, false);
        if (Parent is { } compound)
        {
            compound.PartEnded(this);
        }
        else if (EndIo is { } endIo)
        {
            CallBack(endIo);
        }
        else if (_cancelled)
        {
            _completion.SetException(new OperationCanceledException(_cancellationToken));
        }
        else
        {
            _completion.SetResult(Status);
        }
    }

    private void CallBack(Action<Bio> endIo)
    {
        BlockDevice? device = Owner;
        try
        {
            endIo(this);
        }
        catch (Exception exception)
        {
            // The thread is a driver's, which could do nothing about it and has other bios to end.
            device?.ReportEndIoFault(exception);
        }
    }

    // A bio mostly goes where it went before, and to look costs less than to write a reference.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void SetDevice(BlockDevice device)
    {
        if (!ReferenceEquals(Device, device))
        {
            Device = device;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetOwner(BlockDevice device)
    {
        if (!ReferenceEquals(Owner, device))
        {
            Owner = device;
        }
    }

    private void ThrowIfSubmitted()
    {
        if (Volatile.Read(ref _submitted))
        {
            ThrowSubmitted();
        }
    }

    [DoesNotReturn]
    private static void ThrowSubmitted() =>
        throw new InvalidOperationException("The bio is submitted and has not ended; until then it is not the caller's.");
}

using System.Runtime.ExceptionServices;

namespace LibMultipath.Block;

/// <summary>
/// A bio that is carried out as several: split to the limits of its disk, or with the flushes around the data that
/// a disk without FUA needs. Every part goes on by itself; the whole ends once, with the first error if there is
/// any; after an error nothing more is begun. The steps go one after the other, the parts of a step side by side, as
/// many at a time as <see cref="BioSplitter"/> cuts off, or one by one where they have to keep their order.
/// </summary>
internal sealed class BioCompound
{
    private readonly Bio _whole;
    private readonly Lock _lock = new();
    private readonly List<Bio> _parts = [];
    private BlockDevice? _device;
    private Steps _steps;
    private BioSplitter _splitter;
    private int _remaining;
    private int _firstError;
    private int _batch;

    public BioCompound(Bio whole) => _whole = whole;

    [Flags]
    public enum Steps
    {
        None = 0,
        PreFlush = 1,
        Data = 2,
        PostFlush = 4,
    }

    /// <summary>Whether the bio is being carried out as parts.</summary>
    public bool IsActive { get; private set; }

    /// <summary>The bio that is carried out.</summary>
    public Bio Whole => _whole;

    /// <summary>Whether the submitter can ask for the bio back.</summary>
    public bool IsCancellable => _whole.IsCancellable;

    /// <summary>
    /// What is asked of the parts that carry data. FUA is, unless a flush follows: a disk that has no use for it now may
    /// have one when a part that has waited goes on.
    /// </summary>
    public BioFlags PartFlags { get; private set; }

    /// <summary>Carries the bio out on a disk. The disk owns the bio; it ends when the last part has.</summary>
    /// <param name="device">The disk.</param>
    /// <param name="steps">What there is to do.</param>
    /// <param name="inOrder">Whether a part is begun only when the one before it has ended.</param>
    /// <param name="done">How many bytes from the front are carried out already.</param>
    public void Start(BlockDevice device, Steps steps, bool inOrder = false, long done = 0)
    {
        _device = device;
        _steps = steps;
        _batch = inOrder ? 1 : BioSplitter.Batch;
        PartFlags = (steps & Steps.PostFlush) != 0 ? _whole.Flags : _whole.Flags | (_whole.SubmittedFlags & BioFlags.Fua);
        _splitter = new BioSplitter(_whole, done);
        _firstError = (int)BlockStatus.Ok;
        IsActive = true;
        RunSteps();
    }

    /// <summary>A part has ended; called by the part.</summary>
    public void PartEnded(Bio part)
    {
        Record(part.Status);
        if (part.Op == BioOp.ZoneAppend)
        {
            _whole.AppendedSector = part.AppendedSector;
        }

        lock (_lock)
        {
            _parts.Remove(part);
        }

        part.Parent = null;
        part.Dispose();
        if (Interlocked.Decrement(ref _remaining) == 0)
        {
            RunSteps();
        }
    }

    /// <summary>Asks for all parts back.</summary>
    public void Cancel()
    {
        ExceptionDispatchInfo? fault = null;
        lock (_lock)
        {
            if (_parts.Count == 0)
            {
                return;
            }

            // A part that is listed has not counted down yet, so the step cannot end under our feet.
            Interlocked.Increment(ref _remaining);
            foreach (Bio part in _parts.ToArray())
            {
                if (!_parts.Contains(part))
                {
                    continue;
                }

                try
                {
                    part.RequestCancel();
                }
                catch (Exception exception)
                {
                    // Drivers are guarded; a logger that is told of one is not. The other parts are asked, and the whole ends.
                    fault ??= ExceptionDispatchInfo.Capture(exception);
                }
            }
        }

        if (Interlocked.Decrement(ref _remaining) == 0)
        {
            RunSteps();
        }

        fault?.Throw();
    }

    private void RunSteps()
    {
        do
        {
            if (_steps == Steps.None || _firstError != (int)BlockStatus.Ok)
            {
                End();
                return;
            }

            // One more than the parts, so that the step does not end before all of them are on their way.
            _remaining = 1;
            RunStep();
        }
        while (Interlocked.Decrement(ref _remaining) == 0);
    }

    private void RunStep()
    {
        Steps step = (Steps)((int)_steps & -(int)_steps);
        if (step != Steps.Data)
        {
            _steps &= ~step;
            Issue(Bio.Rent(BioOp.Flush, flags: _whole.Flags & (BioFlags.FailFastMask | BioFlags.NoWait)));
            return;
        }

        Record(_splitter.IssueBatch(_device!.Shape, this, _batch));
        if (_splitter.IsDone)
        {
            _steps &= ~step;
        }
    }

    /// <summary>Sends one part on its way; false when there is no point in making more.</summary>
    public bool Issue(Bio part)
    {
        part.Parent = this;
        part.BeginSubmission(_device!);
        Interlocked.Increment(ref _remaining);
        lock (_lock)
        {
            _parts.Add(part);
        }

        // From here on it can be asked back.
        if (_whole.WasAskedBack())
        {
            part.FinishCancelled();
            return false;
        }

        BlockDevice.Issue(part);
        return true;
    }

    private void Record(BlockStatus status) =>
        Interlocked.CompareExchange(ref _firstError, (int)status, (int)BlockStatus.Ok);

    private void End()
    {
        BlockDevice device = _device!;
        IsActive = false;
        _device = null;
        var status = (BlockStatus)_firstError;
        device.EndCompound(_whole, status, cancelled: status == BlockStatus.Again && _whole.CancelRequested);
    }
}

using System.Globalization;
using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Torture;

/// <summary>
/// A path to the store. Its attempts wait in a bag and are taken out in any order by a completion thread, which carries
/// them out, or does something worse to them.
/// </summary>
internal sealed partial class TorturePath : DriverDisk
{
    private readonly TortureVerdict _verdict;
    private readonly TortureStore _store;
    private readonly TortureCompleter _completer;
    private readonly bool _aborts;
    private readonly Lock _gate = new();
    private BioAttempt[] _waiting = new BioAttempt[64];
    private int _count;
    private int _executing;
    private long _accepted;
    private long _acceptedBytes;
    private bool _held;
    private bool _dead;
    private bool _closing;
    private int _released;

    public TorturePath(int number, TortureRun run, TortureCompleter completer, int seed, bool aborts)
        : base($"path{number}", run.Store.Blocks, run.Options.Limits(number))
    {
        _verdict = run.Verdict;
        _store = run.Store;
        _faults = run.Faults;
        _completer = completer;
        _aborts = aborts;
        _random = new TortureRandom(seed, 1);
        _inlineRandom = new TortureRandom(seed, 2);
    }

    /// <summary>Attempts that failed before they came to the driver.</summary>
    public long Uncloned { get; private set; }

    /// <summary>Attempts that were handed to the driver, all that there ever were, and those that failed before.</summary>
    public long Accepted
    {
        get
        {
            lock (_gate)
            {
                return _accepted;
            }
        }
    }

    public long AcceptedBytes
    {
        get
        {
            lock (_gate)
            {
                return _acceptedBytes;
            }
        }
    }

    public int WaitingInDriver
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    public bool IsDead => Volatile.Read(ref _dead);

    public int Released => Volatile.Read(ref _released);

    /// <summary>An attempt at the bio failed for want of a clone.</summary>
    public void CountUncloned(Bio bio)
    {
        lock (_gate)
        {
            Uncloned++;
            _accepted++;
            _acceptedBytes += bio.Size;
        }
    }

    protected override void SubmitBio(BioAttempt attempt)
    {
        CheckLimits(attempt.Bio);
        bool inline;
        lock (_gate)
        {
            if (_released != 0)
            {
                _verdict.Fail($"{Name} was given an I/O after it was released.");
            }

            _accepted++;
            _acceptedBytes += attempt.Bio.Size;
            if (!_held && attempt.Bio.Op != BioOp.Flush && _faults.Throw(_inlineRandom))
            {
                _store.MarkFailure(attempt.Bio);
                Interlocked.Increment(ref _verdict.Throws);
                throw new InvalidOperationException("The torture path throws.");
            }

            // A dead path answers at once, or a little later on its completion thread.
            inline = _dead || _closing ? _inlineRandom.Chance(32768) : !_held && _faults.Inline(_inlineRandom);
            if (inline)
            {
                Interlocked.Increment(ref _executing);
            }
            else
            {
                Keep(attempt);
            }
        }

        if (inline)
        {
            Interlocked.Increment(ref _verdict.Inline);
            Handle(attempt, s_inlineScratch ??= new byte[TortureCompleter.ScratchSize]);
            Interlocked.Decrement(ref _executing);
        }
        else
        {
            _completer.Wake.Set();
        }
    }

    /// <summary>Gives an attempt back that its submitter does not want any more. Half of the paths cannot.</summary>
    protected internal override void Abort(BioAttempt attempt)
    {
        if (!_aborts)
        {
            return;
        }

        bool found = false;
        bool carryOut;
        lock (_gate)
        {
            for (int i = 0; i < _count && !found; i++)
            {
                if (_waiting[i] == attempt)
                {
                    TakeAt(i);
                    found = true;
                }
            }

            carryOut = _inlineRandom.Chance(16384);
            if (found)
            {
                Interlocked.Increment(ref _executing);
            }
        }

        if (found)
        {
            Interlocked.Increment(ref _verdict.Aborted);
            if (carryOut)
            {
                // It had been sent already: what was asked back has happened all the same.
                _store.Execute(attempt.Bio, new byte[TortureCompleter.ScratchSize]);
            }

            _store.MarkFailure(attempt.Bio);
            End(attempt.FailPath(BlockStatus.Timeout));
            Interlocked.Decrement(ref _executing);
        }
    }

    protected internal override void AbortAll()
    {
        if (!_aborts)
        {
            return;
        }

        BioAttempt[] taken;
        lock (_gate)
        {
            _closing = true;
            taken = _waiting[.._count];
            Array.Clear(_waiting, 0, _count);
            _count = 0;
            Interlocked.Increment(ref _executing);
        }

        foreach (BioAttempt attempt in taken)
        {
            Interlocked.Increment(ref _verdict.Aborted);
            Handle(attempt, new byte[TortureCompleter.ScratchSize]);
        }

        Interlocked.Decrement(ref _executing);
    }

    protected internal override void Release()
    {
        lock (_gate)
        {
            if (_count != 0)
            {
                _verdict.Fail($"{Name} was released with {_count} attempts under way.");
            }

            if (++_released != 1)
            {
                _verdict.Fail($"{Name} was released {_released} times.");
            }
        }

        _completer.Remove(this);
    }

    /// <summary>
    /// The path fails now: nothing of what it has reaches the store after this, but all of it is still with the driver
    /// until the path is down. Then it ends with an error, here or on the completion thread.
    /// </summary>
    /// <returns>How many attempts were under way.</returns>
    public int FailNow(MpathDevice device, bool endHere)
    {
        lock (_gate)
        {
            _held = true;
        }

        Eventually(() => Volatile.Read(ref _executing) == 0);
        device.SetDown();
        BioAttempt[] taken = [];
        int inFlight;
        lock (_gate)
        {
            _dead = true;
            _held = false;
            inFlight = _count;
            if (endHere)
            {
                taken = _waiting[.._count];
                Array.Clear(_waiting, 0, _count);
                _count = 0;
            }

            Interlocked.Increment(ref _executing);
        }

        foreach (BioAttempt attempt in taken)
        {
            Handle(attempt, new byte[TortureCompleter.ScratchSize]);
        }

        Interlocked.Decrement(ref _executing);
        _completer.Wake.Set();
        return inFlight;
    }

    /// <summary>The path works again; its driver still has to set it live.</summary>
    public void Repair()
    {
        lock (_gate)
        {
            _dead = false;
        }
    }

    /// <summary>For the completion thread: handles some of what waits. Says how many, and whether any are left.</summary>
    public int Serve(BioAttempt[] batch, byte[] scratch, out bool left)
    {
        int taken = 0;
        lock (_gate)
        {
            if (_held || _count == 0)
            {
                left = false;
                return 0;
            }

            int wanted = 1 + _random.Next(Math.Min(_count, batch.Length));
            for (; taken < wanted; taken++)
            {
                batch[taken] = TakeAt(_random.Next(_count));
            }

            Interlocked.Increment(ref _executing);
            left = _count != 0;
        }

        for (int i = 0; i < taken; i++)
        {
            Handle(batch[i], scratch);
            batch[i] = default;
        }

        Interlocked.Decrement(ref _executing);
        return taken;
    }

    public override string ToString()
    {
        lock (_gate)
        {
            string waiting = string.Join(", ", _waiting[.._count].Select(each => string.Create(
                CultureInfo.InvariantCulture, $"{each.Bio.Op} {each.Bio.Sector}+{each.Bio.Size >> TortureBlock.Shift}{(each.IsUnderWay ? "" : " OVER")}")));
            return $"{Name}: {_count} in the driver, {_executing} executing, {_accepted} accepted{(_held ? ", held" : "")}{(_dead ? ", dead" : "")}"
                + $"{(_closing ? ", closing" : "")}{(_released != 0 ? ", released" : "")}{(_aborts ? ", aborts" : "")} [{waiting}]";
        }
    }

    private void CheckLimits(Bio bio)
    {
        QueueLimits limits = Limits;
        if (bio.Size > limits.MaxSectors << TortureBlock.Shift || bio.SegmentCount > limits.MaxSegments)
        {
            _verdict.Fail($"{Name} was given {bio.Op} {bio.Sector} of {bio.Size} bytes in {bio.SegmentCount} segments, beyond its limits.");
        }
    }

    // Under the gate.
    private void Keep(BioAttempt attempt)
    {
        if (_count == _waiting.Length)
        {
            Array.Resize(ref _waiting, _count * 2);
        }

        _waiting[_count++] = attempt;
    }

    // Under the gate.
    private BioAttempt TakeAt(int index)
    {
        BioAttempt attempt = _waiting[index];
        _waiting[index] = _waiting[--_count];
        _waiting[_count] = default;
        return attempt;
    }

    private static void Eventually(Func<bool> condition) => SpinWait.SpinUntil(condition);
}

using LibMultipath.Block;

namespace LibMultipath.Tests.Torture;

internal sealed partial class TorturePath
{
    [ThreadStatic]
    private static byte[]? s_inlineScratch;

    private readonly TortureFaults _faults;
    private readonly TortureRandom _random;

    // Asked under the gate.
    private readonly TortureRandom _inlineRandom;

    // An attempt that is over, to be ended once more at some time.
    private BioAttempt _old;

    /// <summary>Ends an attempt that was taken out of the bag, one way or another.</summary>
    private void Handle(BioAttempt attempt, byte[] scratch)
    {
        Bio bio = attempt.Bio;
        TortureFault fault;
        bool again;
        bool later;
        BlockStatus pathError;
        TimeSpan delay;
        bool broken;
        lock (_gate)
        {
            broken = _dead || _closing;
            fault = broken ? (_inlineRandom.Chance(16384) ? TortureFault.LostAck : TortureFault.Fail) : _faults.Next(_inlineRandom);
            again = _faults.Again(_inlineRandom);
            later = _faults.Again(_inlineRandom);
            delay = TimeSpan.FromMilliseconds(_inlineRandom.Next(3));
            pathError = _inlineRandom.Next(4) switch
            {
                0 => BlockStatus.Transport,
                1 => BlockStatus.Offline,
                2 => BlockStatus.Timeout,
                _ => BlockStatus.IoError,
            };
        }

        if (bio.Op == BioOp.Flush && !broken)
        {
            // A flush has no blocks to be marked, so only the death of the path fails it.
            fault = TortureFault.None;
        }

        switch (fault)
        {
            case TortureFault.None:
                _store.Execute(bio, scratch);
                End(attempt.Complete(BlockStatus.Ok));
                break;
            case TortureFault.LostAck:
                // It has happened, but the path died before the reply.
                Interlocked.Increment(ref _verdict.LostAcks);
                _store.Execute(bio, scratch);
                MarkUnless(broken, bio);
                End(attempt.FailPath(pathError));
                break;
            case TortureFault.Fail:
                MarkUnless(broken, bio);
                End(delay == TimeSpan.Zero ? attempt.End(pathError) : attempt.FailPath(pathError));
                break;
            case TortureFault.Retry:
                Interlocked.Increment(ref _verdict.Retries);
                End(delay == TimeSpan.Zero ? attempt.End(BlockStatus.DeviceResource) : attempt.RetryHere(BlockStatus.Resource, delay));
                break;
            case TortureFault.AccessState:
                Interlocked.Increment(ref _verdict.AccessStateErrors);
                End(attempt.FailAccessState(pathError));
                break;
        }

        if (again)
        {
            EndAgain(attempt, pathError);
        }

        if (later)
        {
            BioAttempt old;
            lock (_gate)
            {
                (old, _old) = (_old, attempt);
            }

            if (old.Bio is not null)
            {
                EndAgain(old, pathError);
            }
        }
    }

    private void MarkUnless(bool broken, Bio bio)
    {
        if (!broken)
        {
            Interlocked.Increment(ref _verdict.SpuriousFailures);
            _store.MarkFailure(bio);
        }
    }

    private void End(bool ended)
    {
        if (!ended)
        {
            _verdict.Fail($"{Name}: an attempt that was under way could not be ended.");
        }
    }

    private void EndAgain(BioAttempt over, BlockStatus status)
    {
        Interlocked.Increment(ref _verdict.Stale);
        bool ended = status switch
        {
            BlockStatus.Transport => over.Complete(BlockStatus.Ok),
            BlockStatus.Offline => over.FailPath(status),
            BlockStatus.Timeout => over.RetryHere(BlockStatus.Resource),
            _ => over.FailAccessState(status),
        };
        if (ended)
        {
            _verdict.Fail($"{Name}: an attempt was ended twice.");
        }
    }
}

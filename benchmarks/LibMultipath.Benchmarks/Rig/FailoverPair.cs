using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Selection;

namespace LibMultipath.Benchmarks.Rig;

/// <summary>
/// Two paths, of which the first fails every bio and the second completes it: each bio fails over once. What happens
/// after the first disk fails it is the library's: off the path, on the requeue list, the requeue thread woken, a path
/// selected that has not failed it, and the bio submitted there.
/// </summary>
internal sealed class FailoverPair : IDisposable
{
    private readonly Multipath _multipath;
    private readonly Bio _bio = Multipath.NewRead();
    private readonly ManualResetEventSlim _ended = new();
    private long _failedAt;
    private long _resubmittedAt;

    public FailoverPair()
    {
        _multipath = new Multipath(IoPolicies.Numa, new Failing(this), new Working(this));
        _bio.State = _ended;
        _bio.EndIo = static bio => ((ManualResetEventSlim)bio.State!).Set();
    }

    /// <summary>One failover. Returns the ticks of <see cref="Stopwatch"/> from the error to the other path's submission.</summary>
    public long Run()
    {
        _ended.Reset();
        _resubmittedAt = 0;
        _multipath.Disk.Submit(_bio);
        _ended.Wait();
        if (_bio.Status != BlockStatus.Ok || _resubmittedAt == 0)
        {
            throw new InvalidOperationException($"The bio did not fail over, and ended with {_bio.Status}.");
        }

        return _resubmittedAt - _failedAt;
    }

    public void Dispose()
    {
        _multipath.Dispose();
        _bio.Dispose();
        _ended.Dispose();
    }

    private sealed class Failing(FailoverPair pair) : DriverDisk("failing", 1L << 31)
    {
        protected override void SubmitBio(BioAttempt attempt)
        {
            pair._failedAt = Stopwatch.GetTimestamp();
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    private sealed class Working(FailoverPair pair) : DriverDisk("working", 1L << 31)
    {
        protected override void SubmitBio(BioAttempt attempt)
        {
            pair._resubmittedAt = Stopwatch.GetTimestamp();
            attempt.Complete(BlockStatus.Ok);
        }
    }
}

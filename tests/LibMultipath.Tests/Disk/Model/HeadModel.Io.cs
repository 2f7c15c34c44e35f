using LibMultipath.Block;

namespace LibMultipath.Tests.Disk.Model;

// What becomes of bios.
internal sealed partial class HeadModel
{
    private void Submit(BioFlags flags, bool cancellable)
    {
        bool usable = _paths.Any(path => path.Usable) && !_gone;
        var io = new ModelIo(_rig.Disk, flags, cancellable, io => _ios.Add(io));
        if (usable)
        {
            Assert.NotNull(io.At);
            return;
        }

        Assert.Null(io.At);
        bool waits = IsAvailable && !io.NoWait;
        Assert.Equal(!waits, io.HasEnded);
        if (io.HasEnded)
        {
            Assert.Equal(IsAvailable ? BlockStatus.Again : BlockStatus.IoError, io.Status);
        }
        else
        {
            Waited++;
        }
    }

    private void End(ModelIo io, int how)
    {
        ModelPath path = io.At!;
        BioAttempt attempt = path.Disk.Held.Single(attempt => ReferenceEquals(attempt.Bio, io.Bio));
        path.Disk.Take(path.Disk.Held.ToList().IndexOf(attempt));
        _over.Add(attempt);
        io.At = null;
        switch (how)
        {
            case 0 or 1 or 2:
                Assert.True(attempt.Complete(BlockStatus.Ok));
                AssertDone(io, BlockStatus.Ok, cancelled: false);
                break;
            case 3:
                Assert.True(attempt.Complete(BlockStatus.Medium));
                AssertDone(io, BlockStatus.Medium, io.CancelRequested);
                break;
            case 4:
                EndRetry(io, attempt);
                break;
            default:
                EndFailed(io, path, attempt, accessState: how == 5);
                break;
        }
    }

    private void EndRetry(ModelIo io, BioAttempt attempt)
    {
        bool more = io.Retries++ < 5 && !io.FailsFast && !io.NoWait && !io.CancelRequested;
        io.RetryPath = more ? io.LastPath : null;
        io.RetryAt = _rig.Time.Elapsed + TimeSpan.FromSeconds(1);
        Assert.True(attempt.RetryHere(BlockStatus.Resource, TimeSpan.FromSeconds(1)));
        if (!more)
        {
            AssertDone(io, io.NoWait ? BlockStatus.Again : BlockStatus.Resource, io.CancelRequested);
        }
        else
        {
            Assert.False(io.HasEnded);
        }
    }

    private void EndFailed(ModelIo io, ModelPath path, BioAttempt attempt, bool accessState)
    {
        bool final = io.FailsFast || io.CancelRequested;
        if (!final)
        {
            Failovers++;
            if (accessState && !path.Pending)
            {
                path.Pending = true;
                PathChanged();
            }

            // An attempt from before the last change tells nothing of the path as it is now.
            if (io.Generation == _generation)
            {
                io.FailedOn.Add(path);
            }

            io.EverFailedOn.Add(path);
            io.LastError = BlockStatus.Transport;
        }

        Assert.True(accessState ? attempt.FailAccessState(BlockStatus.Transport) : attempt.End(BlockStatus.Transport));
        if (final)
        {
            AssertDone(io, BlockStatus.Transport, io.CancelRequested);
        }
        else
        {
            Assert.False(io.HasEnded);
            Assert.Null(_rig.Head.GetCurrentPath(0) == path.Real ? path : null);
        }
    }

    private static void EndAgain(BioAttempt attempt, int how)
    {
        Assert.False(attempt.IsUnderWay);
        Assert.False(how % 2 == 0 ? attempt.Complete(BlockStatus.Ok) : attempt.FailPath(BlockStatus.Transport));
    }

    private void AssertDone(ModelIo io, BlockStatus status, bool cancelled)
    {
        Assert.True(io.HasEnded);
        Assert.Equal(cancelled, io.IsCancelled);
        Assert.Equal(cancelled ? BlockStatus.Again : status, io.Status);
        Cancelled += cancelled ? 1 : 0;
    }

    /// <summary>A driver got an attempt: it must be at one path at a time, and that one must be the right kind.</summary>
    private void Began(ModelPath path, BioAttempt attempt)
    {
        var io = (ModelIo)attempt.Bio.State!;
        Assert.False(io.HasEnded, "A bio that has ended was given to a path.");
        Assert.True(io.At is null, "A bio is on two paths at once.");
        Assert.True(path.Usable, $"A bio was given to {path.Real}, which must not be used.");
        Assert.DoesNotContain(path, io.FailedOn);
        Assert.False(_removedDisks.Contains(io.Disk), "A bio of a removed disk was given to a path.");
        if (io.RetryPath is { Usable: true } retry)
        {
            Assert.Same(retry, path);
        }
        else if (io.EverFailedOn.Contains(path))
        {
            // It has come back since, and is taken only where no other one can be.
            Assert.DoesNotContain(_paths, other => other.Usable && !io.EverFailedOn.Contains(other));
            Assert.DoesNotContain(_paths, other => !path.Optimized && other.Optimized && !io.FailedOn.Contains(other));
            io.EverFailedOn.Clear();
        }
        else if (!path.Optimized)
        {
            Assert.DoesNotContain(_paths, other => other.Optimized && !io.EverFailedOn.Contains(other));
        }

        io.RetryPath = null;
        io.At = io.LastPath = path;
        io.Generation = _generation;
    }

    private void Cancel(ModelIo io)
    {
        bool atDriver = io.At is not null;
        io.Cancel();
        if (atDriver)
        {
            Assert.False(io.HasEnded, "A bio ended while a driver had its memory.");
        }
        else
        {
            AssertDone(io, BlockStatus.Again, cancelled: true);
        }
    }

    // They went on, or wait like any other.
    private void ForgetRetries(Func<ModelIo, bool> which)
    {
        foreach (ModelIo io in UnderWay.Where(which))
        {
            io.RetryPath = null;
        }
    }
}

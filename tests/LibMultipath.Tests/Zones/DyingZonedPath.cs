using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Zones;

/// <summary>A path that carries out and completes on the thread pool, and dies with one of its attempts when it is told to.</summary>
internal sealed class DyingZonedPath(string name, ZonedMemory memory, QueueLimits limits) : DriverDisk(name, memory.Sectors, limits)
{
    private const int Lives = 0;
    private const int DiesBefore = 1;

    private int _fate;

    public MpathDevice Path { get; set; } = null!;

    /// <summary>It dies with its next write, once that is carried out, or before.</summary>
    public void Die(bool carriesOut) => Volatile.Write(ref _fate, carriesOut ? DiesBefore + 1 : DiesBefore);

    protected override void SubmitBio(BioAttempt attempt) => ThreadPool.UnsafeQueueUserWorkItem(CarryOut, attempt, preferLocal: false);

    private void CarryOut(BioAttempt attempt)
    {
        int fate = attempt.Bio.Op is BioOp.Write or BioOp.ZoneAppend ? Interlocked.Exchange(ref _fate, Lives) : Lives;
        if (fate == DiesBefore)
        {
            Path.SetDown();
            attempt.FailPath(BlockStatus.Transport);
            return;
        }

        BlockStatus status = memory.Execute(attempt.Bio, out long appended);
        if (fate != Lives)
        {
            Path.SetDown();
            attempt.FailPath(BlockStatus.Transport);
        }
        else if (attempt.Bio.Op == BioOp.ZoneAppend && status == BlockStatus.Ok)
        {
            attempt.CompleteAppend(appended);
        }
        else
        {
            attempt.Complete(status);
        }
    }
}

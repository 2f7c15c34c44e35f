using System.Collections.Concurrent;
using LibMultipath.Block;

namespace Mpathd.Tests.Kit;

/// <summary>
/// A path to bytes in memory that several disks may share. A thread of its own ends what it is given, unless it is told
/// to end it at once; what a test wants to go wrong goes wrong.
/// </summary>
internal sealed class MemoryDisk : DriverDisk
{
    private readonly BlockingCollection<BioAttempt> _queue = [];
    private readonly byte[] _bytes;
    private readonly bool _atOnce;
    private volatile bool _failed;

    public MemoryDisk(string name, byte[] bytes, bool atOnce = false)
        : base(name, bytes.Length / QueueLimits.SectorSize, new QueueLimits { Features = QueueFeatures.WriteCache | QueueFeatures.Fua })
    {
        _bytes = bytes;
        _atOnce = atOnce;
        if (!atOnce)
        {
            new Thread(Serve) { IsBackground = true, Name = name }.Start();
        }
    }

    /// <summary>What is wrong with an I/O; null when nothing is.</summary>
    public Func<Bio, DiskFault>? Fault { get; set; }

    /// <summary>Attempts that were lost, so that a test can end them after all.</summary>
    public ConcurrentBag<BioAttempt> LostAttempts { get; } = [];

    public void Fail()
    {
        _failed = true;
        AbortAll();
    }

    public void Restore() => _failed = false;

    protected override void SubmitBio(BioAttempt attempt)
    {
        if (_failed)
        {
            attempt.FailPath(BlockStatus.Transport);
        }
        else if (_atOnce)
        {
            CarryOut(attempt);
        }
        else
        {
            _queue.Add(attempt);
        }
    }

    protected override void AbortAll()
    {
        while (_queue.TryTake(out BioAttempt attempt))
        {
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    protected override void Release() => _queue.CompleteAdding();

    private void Serve()
    {
        foreach (BioAttempt attempt in _queue.GetConsumingEnumerable())
        {
            if (_failed)
            {
                attempt.FailPath(BlockStatus.Transport);
            }
            else
            {
                CarryOut(attempt);
            }
        }
    }

    private void CarryOut(BioAttempt attempt)
    {
        Bio bio = attempt.Bio;
        DiskFault fault = Fault?.Invoke(bio) ?? DiskFault.None;
        if (fault == DiskFault.Lose)
        {
            LostAttempts.Add(attempt);
            return;
        }

        int offset = (int)(bio.Sector * QueueLimits.SectorSize);
        offset = fault == DiskFault.Misplace ? (offset + (int)bio.Size) % (_bytes.Length - (int)bio.Size) : offset;
        foreach (BioSegment segment in bio.Segments)
        {
            Span<byte> place = _bytes.AsSpan(offset, segment.Length);
            if (bio.Op == BioOp.Read)
            {
                place.CopyTo(segment.Span);
                segment.Span[segment.Length / 2] ^= (byte)(fault == DiskFault.Corrupt ? 1 : 0);
            }
            else if (fault != DiskFault.Forget)
            {
                segment.Span.CopyTo(place);
            }

            offset += segment.Length;
        }

        Action<Bio>? endIo = bio.EndIo;
        attempt.Complete(fault == DiskFault.Error ? BlockStatus.Medium : BlockStatus.Ok);
        if (fault == DiskFault.CompleteTwice)
        {
            attempt.Complete(BlockStatus.Ok);
        }
        else if (fault == DiskFault.EndTwice)
        {
            endIo!(bio);
        }
    }
}

using LibMultipath.Block;
using LibMultipath.Tests.Kit;

namespace Drivers.Tests.Kit;

/// <summary>Bios under way, and a ledger of their ends that the library knows nothing of.</summary>
internal sealed class Flight : IDisposable
{
    private readonly List<Bio> _bios = [];
    private readonly List<int> _ends = [];
    private int _ended;

    /// <summary>How many ends there were, however many per bio.</summary>
    public int Ended => Volatile.Read(ref _ended);

    public IEnumerable<BlockStatus> Statuses => _bios.Select(bio => bio.Status);

    /// <summary>Runs one bio and waits for its end.</summary>
    public static BlockStatus Run(BlockDevice disk, Bio bio)
    {
        using var flight = new Flight();
        flight.Submit(disk, bio);
        flight.Wait();
        return bio.Status;
    }

    public void Submit(BlockDevice disk, Bio bio)
    {
        int index = _bios.Count;
        _bios.Add(bio);
        lock (_ends)
        {
            _ends.Add(0);
        }

        bio.EndIo = _ =>
        {
            lock (_ends)
            {
                _ends[index]++;
            }

            Interlocked.Increment(ref _ended);
        };
        disk.Submit(bio);
    }

    /// <summary>Waits until all have ended, and sees to it that each did once.</summary>
    public void Wait()
    {
        Eventually.True(() => Ended >= _bios.Count, $"{_bios.Count} bios to end");
        lock (_ends)
        {
            Assert.All(_ends, ends => Assert.Equal(1, ends));
        }
    }

    public void Dispose()
    {
        foreach (Bio bio in _bios)
        {
            bio.Dispose();
        }
    }
}

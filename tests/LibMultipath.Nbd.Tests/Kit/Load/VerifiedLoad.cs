using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.Nbd.Tests.Kit.Load;

/// <summary>
/// Random reads, writes, discards, zeroes and flushes on a disk, by so many workers at once. Each has a part of the disk to
/// itself, and knows what every block of it must hold. It begins when it is made. A write that failed may have happened or
/// not, so it leaves a block either way, and counts as an error.
/// </summary>
internal sealed class VerifiedLoad : IDisposable
{
    private const int MaxBlocks = 8;

    private readonly BlockDevice _disk;
    private readonly StampedBlocks _stamps;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _miscompares = new();
    private readonly uint[] _versions;
    private readonly uint[]?[] _orElse;
    private readonly Task[] _workers;
    private long _ios;
    private uint _lastVersion;

    /// <summary>Begins.</summary>
    /// <param name="disk">All zeroes.</param>
    /// <param name="seed">Decides what is done, worker by worker.</param>
    /// <param name="depth">How many workers.</param>
    /// <param name="blocks">How many blocks of 4 KiB from the beginning of the disk are used; 0 for all.</param>
    public VerifiedLoad(BlockDevice disk, int seed, int depth = 16, int blocks = 0)
    {
        _disk = disk;
        _stamps = new StampedBlocks(seed);
        blocks = blocks != 0 ? blocks : (int)(disk.CapacitySectors * 512 / StampedBlocks.Size);
        _versions = new uint[blocks];
        _orElse = new uint[]?[blocks];
        int part = blocks / depth;
        _workers = [.. Enumerable.Range(0, depth).Select(worker => Task.Run(() => WorkAsync(new Random(seed + worker), worker * part, part)))];
    }

    public long Ios => Volatile.Read(ref _ios);

    public IReadOnlyCollection<string> Errors => _errors;

    public IReadOnlyCollection<string> Miscompares => _miscompares;

    /// <summary>Waits until so many more I/Os have ended.</summary>
    public void AwaitProgress(int ios = 500)
    {
        long target = Ios + ios;
        Eventually.True(() => Ios >= target || !_miscompares.IsEmpty, $"{ios} more I/Os", TimeSpan.FromSeconds(60));
    }

    /// <summary>Ends, when all that is under way has ended.</summary>
    public void Stop()
    {
        _stop.Cancel();
        Assert.True(Task.WaitAll(_workers, TimeSpan.FromSeconds(60)), "I/O of the load does not end.");
    }

    /// <summary>Ends, and reads everything once more: nothing may have failed, and everything be there.</summary>
    public async Task AssertGoodAsync()
    {
        Stop();
        Assert.True(_errors.IsEmpty, $"{_errors.Count} errors in {Ios} I/Os: {string.Join("; ", _errors.Take(5))}");
        await AssertStoredAsync(_disk);
    }

    /// <summary>Reads everything, of this disk or of another way to the same data.</summary>
    public async Task AssertStoredAsync(BlockDevice disk)
    {
        byte[] buffer = new byte[64 * StampedBlocks.Size];
        for (int block = 0; block < _versions.Length; block += 64)
        {
            Memory<byte> part = buffer.AsMemory(0, Math.Min(64, _versions.Length - block) * StampedBlocks.Size);
            Assert.Equal(BlockStatus.Ok, await disk.ReadAsync(SectorOf(block), part));
            Compare(part.Span, block, "at the end");
        }

        Assert.True(_miscompares.IsEmpty, $"{_miscompares.Count} miscompares in {Ios} I/Os: {string.Join("; ", _miscompares.Take(5))}");
    }

    public void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    private static long SectorOf(int block) => (long)block * StampedBlocks.Size / 512;

    private async Task WorkAsync(Random random, int first, int count)
    {
        byte[] buffer = new byte[MaxBlocks * StampedBlocks.Size];
        while (!_stop.IsCancellationRequested)
        {
            int blocks = random.Next(1, Math.Min(MaxBlocks, count) + 1);
            int block = first + random.Next(count - blocks + 1);
            Memory<byte> memory = buffer.AsMemory(0, blocks * StampedBlocks.Size);
            BioFlags flags = random.Next(16) == 0 ? BioFlags.Fua : BioFlags.None;
            int what = random.Next(100);
            switch (what)
            {
                case < 45:
                    await ReadAsync(block, memory);
                    break;
                case < 90:
                    uint version = Interlocked.Increment(ref _lastVersion);
                    Fill(memory.Span, block, version);
                    await ChangeAsync("write", block, blocks, version, () => _disk.WriteAsync(SectorOf(block), memory, flags));
                    break;
                case < 95 when _disk.Limits.MaxWriteZeroesSectors != 0:
                    await ChangeAsync("zero", block, blocks, 0, () => _disk.WriteZeroesAsync(SectorOf(block), memory.Length));
                    break;
                default:
                    Note("flush", block, await _disk.FlushAsync());
                    break;
            }

            Interlocked.Increment(ref _ios);
        }
    }

    private async Task ReadAsync(int block, Memory<byte> memory)
    {
        memory.Span.Fill(0xa5);
        if (Note("read", block, await _disk.ReadAsync(SectorOf(block), memory)))
        {
            Compare(memory.Span, block, "while it ran");
        }
    }

    private async Task ChangeAsync(string what, int block, int blocks, uint version, Func<ValueTask<BlockStatus>> change)
    {
        bool isDone = Note(what, block, await change());
        for (int i = block; i < block + blocks; i++)
        {
            if (isDone)
            {
                _versions[i] = version;
                _orElse[i] = null;
            }
            else
            {
                _orElse[i] = [.. _orElse[i] ?? [], version];
            }
        }
    }

    private bool Note(string what, int block, BlockStatus status)
    {
        if (status != BlockStatus.Ok)
        {
            _errors.Enqueue($"{what} of block {block}: {status}");
        }

        return status == BlockStatus.Ok;
    }

    private void Fill(Span<byte> bytes, int block, uint version)
    {
        for (int i = 0; i * StampedBlocks.Size < bytes.Length; i++)
        {
            _stamps.Fill(bytes.Slice(i * StampedBlocks.Size, StampedBlocks.Size), block + i, version);
        }
    }

    private void Compare(ReadOnlySpan<byte> bytes, int block, string when)
    {
        for (int i = 0; i * StampedBlocks.Size < bytes.Length; i++)
        {
            ReadOnlySpan<byte> found = bytes.Slice(i * StampedBlocks.Size, StampedBlocks.Size);
            if (!HoldsAny(found, block + i))
            {
                _miscompares.Enqueue($"block {block + i} {when}: not version {_versions[block + i]}; it begins with {MemoryMarshal.Read<ulong>(found):x16}");
            }
        }
    }

    private bool HoldsAny(ReadOnlySpan<byte> found, int block)
    {
        if (_stamps.Holds(found, block, _versions[block]))
        {
            return true;
        }

        foreach (uint version in _orElse[block] ?? [])
        {
            if (_stamps.Holds(found, block, version))
            {
                return true;
            }
        }

        return false;
    }
}

using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace Mpathd.Tests.Machine;

/// <summary>
/// Writes blocks of a disk past the page cache, so that what is acknowledged is the device's, and remembers of each
/// which version was acknowledged and which were tried since. A write that failed may have happened or not; one that
/// was acknowledged must be there.
/// </summary>
internal sealed unsafe class AcknowledgedWrites(string device, int blocks, int seed)
{
    private const int BlockSize = 4096;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly long[] _acknowledged = new long[blocks];
    private readonly long[] _tried = new long[blocks];
    private readonly ManualResetEventSlim _stop = new();
    private long _firstFailure;

    /// <summary>How many writes were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>How many failed.</summary>
    public long Failed { get; private set; }

    /// <summary>When the first one failed, as a timestamp; 0 while none has.</summary>
    public long FirstFailure => Volatile.Read(ref _firstFailure);

    public void Stop() => _stop.Set();

    /// <summary>Writes until it is stopped. A write that fails is not the end.</summary>
    public void Run()
    {
        var random = new Random(seed);
        using var disk = new DirectFile(device);
        var block = new Span<byte>(disk.Memory, BlockSize);
        while (!_stop.IsSet)
        {
            int number = random.Next(blocks);
            Fill(block, number, ++_tried[number]);
            if (disk.Write(BlockSize, (long)number * BlockSize) == Errno.None)
            {
                _acknowledged[number] = _tried[number];
                Acknowledged++;
            }
            else
            {
                Failed++;
                Interlocked.CompareExchange(ref _firstFailure, Stopwatch.GetTimestamp(), 0);

                // Who fails at once, and again, would only take the processor from the next server.
                _stop.Wait(s_pause);
            }
        }
    }

    /// <summary>Reads every block, which has the acknowledged version or one that was tried later.</summary>
    public void Verify()
    {
        using var disk = new DirectFile(device);
        var block = new Span<byte>(disk.Memory, BlockSize);
        Span<byte> expected = new byte[BlockSize];
        for (int number = 0; number < blocks; number++)
        {
            Assert.Equal(Errno.None, disk.Read(disk.Memory, BlockSize, (long)number * BlockSize));
            long version = BitConverter.ToInt64(block);
            Assert.True(version >= _acknowledged[number] && version <= _tried[number],
                $"Block {number} has version {version}; {_acknowledged[number]} was acknowledged and {_tried[number]} tried (seed {seed}).");
            if (version != 0)
            {
                Fill(expected, number, version);
                Assert.True(block.SequenceEqual(expected), $"Block {number} of version {version} is torn (seed {seed}).");
            }
        }
    }

    private static void Fill(Span<byte> block, int number, long version)
    {
        BitConverter.TryWriteBytes(block, version);
        BitConverter.TryWriteBytes(block[8..], number);
        for (int i = 16; i < block.Length; i++)
        {
            block[i] = (byte)(version + number + i);
        }
    }
}

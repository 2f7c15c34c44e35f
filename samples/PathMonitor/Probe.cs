using System.Diagnostics;
using BdevDriver;
using LibMultipath.Block;
using LoopDriver;

namespace PathMonitor;

/// <summary>Measures a path with small reads of its own, past the page cache.</summary>
internal sealed class Probe : IDisposable
{
    private const int Alignment = 4096;

    private readonly DescriptorPath _disk;
    private readonly Memory<byte> _block;

    public Probe(uint path, string file, bool isDevice)
    {
        Path = path;
        _disk = isDevice
            ? BdevPath.Open($"probe{path}", new BdevOptions { Device = file, ReadOnly = true })
            : LoopPath.Open($"probe{path}", new LoopOptions { File = file, ReadOnly = true, Direct = true });
        byte[] memory = GC.AllocateArray<byte>(2 * Alignment, pinned: true);
        int start = (int)(Alignment - (AddressOf(memory) % Alignment)) % Alignment;
        _block = memory.AsMemory(start, _disk.Limits.LogicalBlockSize);
    }

    /// <summary>The number of the path.</summary>
    public uint Path { get; }

    /// <summary>Reads a block from anywhere; null if that cannot be done now: the daemon finds that out for itself.</summary>
    public async Task<TimeSpan?> MeasureAsync()
    {
        int sectors = _block.Length / 512;
        long sector = Random.Shared.NextInt64(_disk.CapacitySectors / sectors) * sectors;
        long begun = Stopwatch.GetTimestamp();
        return await _disk.ReadAsync(sector, _block).ConfigureAwait(false) == BlockStatus.Ok ? Stopwatch.GetElapsedTime(begun) : null;
    }

    public void Dispose() => _disk.Dispose();

    private static unsafe long AddressOf(byte[] pinned) => (long)System.Runtime.CompilerServices.Unsafe.AsPointer(ref pinned[0]);
}

using System.Diagnostics;
using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;
using LoopDriver;
using Microsoft.Win32.SafeHandles;
using Xunit.Abstractions;

namespace Drivers.Tests;

/// <summary>
/// A path is removed with 32 I/Os in flight, and the number of its descriptor goes to another file at once: nothing
/// may be lost, and nothing may land in that file.
/// </summary>
public abstract class LoopRemovalTests(LoopEngine engine, ITestOutputHelper output) : IDisposable
{
    private const int Writes = 32;
    private const int Length = 16 * 1024;
    private const byte Untouched = 0xEE;

    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_path_removed_with_32_writes_on_a_slow_device_loses_none_and_none_lands_elsewhere()
    {
        var delay = TimeSpan.FromSeconds(5);
        string file = _folder.Make("disk", Writes * Length);
        using var rig = new LoopRig(engine, file);
        MpathDevice slow = rig.Add(delay).Path!;
        int number = NumberOf(file);
        using Squatter squatter = MakeSquatter();
        using var flight = new Flight();
        byte[] expected = Submit(rig.Disk, flight, BioFlags.None);
        long submitted = Stopwatch.GetTimestamp();
        Assert.Equal(Writes, slow.Statistics.InFlight);
        MpathDevice other = rig.Add().Path!;

        rig.Head.Remove(slow);
        squatter.Take(number);
        flight.Wait();

        Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
        Assert.Equal(Writes, slow.Statistics.Failovers);
        Assert.Equal(Writes, other.Statistics.Io.Writes);

        // Until the slow device would have carried them out.
        Eventually.True(() => Stopwatch.GetElapsedTime(submitted) > 1.25 * delay, "the delay to be over");
        Assert.Equal(expected, File.ReadAllBytes(file));
        squatter.AssertUntouched();
    }

    /// <summary>
    /// As above with a device that is slow by itself, so that at the removal some writes wait, some are inside the
    /// kernel, some are done.
    /// </summary>
    [Fact]
    public void So_it_is_when_the_kernel_has_some_of_the_writes()
    {
        string file = _folder.Make("disk", Writes * Length);
        using var rig = new LoopRig(engine, file);
        rig.Head.DelayedRemovalSecs = 60;
        var random = Seeds.Random(output);
        int mixed = 0;

        // As long as the device takes to have them on the medium.
        Eventually.True(() => (mixed += Round() ? 1 : 0) == 10, "ten removals in the middle of the writes", TimeSpan.FromMinutes(5));

        bool Round()
        {
            MpathDevice leaving = rig.Add().Path!;
            int number = NumberOf(file);
            using Squatter squatter = MakeSquatter();
            using var flight = new Flight();
            byte[] expected = Submit(rig.Disk, flight, BioFlags.Fua);
            MpathDevice staying = rig.Add().Path!;
            Thread.SpinWait(random.Next(50_000));

            rig.Head.Remove(leaving);
            squatter.Take(number);
            flight.Wait();

            Assert.All(flight.Statuses, status => Assert.Equal(BlockStatus.Ok, status));
            Assert.Equal(expected, File.ReadAllBytes(file));
            squatter.AssertUntouched();
            rig.Head.Remove(staying);
            return leaving.Statistics.Failovers is > 0 and < Writes;
        }
    }

    private static byte[] Submit(BlockDevice disk, Flight flight, BioFlags flags)
    {
        byte[] expected = new byte[Writes * Length];
        Random.Shared.NextBytes(expected);
        for (int i = 0; i < Writes; i++)
        {
            flight.Submit(disk, Bio.Rent(BioOp.Write, i * Length / 512L, expected.AsMemory(i * Length, Length), flags));
        }

        return expected;
    }

    /// <summary>
    /// The number of the one path there is. A path that was removed may close its own a moment after its last write
    /// has ended.
    /// </summary>
    private static int NumberOf(string file)
    {
        int[] numbers = [];
        Eventually.True(() => (numbers = Descriptors.Of(file)).Length == 1, $"{file} to be open once");
        return numbers[0];
    }

    private Squatter MakeSquatter() => new(_folder.Make("other", Writes * Length, Untouched));

    /// <summary>Another file, that gets a number as soon as that is free.</summary>
    private sealed class Squatter(string file) : IDisposable
    {
        private readonly SafeFileHandle _handle =
            File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

        private SafeFileHandle? _copy;

        // A write that the kernel has keeps the number for as long as it takes, which is for the device to say.
        public void Take(int number) => _copy = Descriptors.Take(number, _handle);

        public void AssertUntouched() =>
            Assert.Equal(-1, File.ReadAllBytes(file).AsSpan().IndexOfAnyExcept(Untouched));

        public void Dispose()
        {
            _copy?.Dispose();
            _handle.Dispose();
        }
    }
}

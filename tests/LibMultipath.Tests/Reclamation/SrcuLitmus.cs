using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Reclamation;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Tests.Reclamation;

/// <summary>
/// One reader and one updater that give the processor every chance to run the loads in a section ahead
/// of the store that announces it: with the process-wide barrier that must do no harm, with an ordinary
/// one it does harm, where two processors run at the same time.
/// </summary>
/// <remarks>
/// <para>
/// Before each section the reader fills its store buffer with stores that miss the cache. The count of
/// the section's begin queues up behind them, while the load of the published cell, and the looks at
/// it, run at once. The updater meanwhile publishes another cell, waits for a grace period and poisons
/// the old one. Whoever looks at poison inside a section has found the count too late.
/// </para>
/// <para>
/// This uses the two halves of a domain directly: the records that a debug build keeps of each section
/// would empty the store buffer.
/// </para>
/// </remarks>
internal sealed unsafe class SrcuLitmus : IDisposable
{
    private const int Cells = 64;
    private const int CellStride = 16; // 128 bytes: a cell shares its lines with nobody.
    private const long Poison = -1;
    private const int Stores = 48;
    private const int Looks = 400;
    private const int ScratchBytes = 64 << 20;

    private static readonly TimeSpan s_grace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    private readonly SrcuGracePeriods _updaters;
    private readonly bool _late;
    private readonly long* _cells = (long*)NativeMemory.AlignedAlloc(Cells * CellStride * sizeof(long), 128);
    private readonly byte* _scratch = (byte*)NativeMemory.AlignedAlloc(ScratchBytes, 4096);
    private int _published;
    private int _stop;
    private long _violations;

    internal SrcuLitmus(LitmusKind kind)
    {
        _updaters = new SrcuGracePeriods(NullLogger.Instance, int.MaxValue, ordinaryBarrier: kind == LitmusKind.OrdinaryBarrier);
        _late = kind == LitmusKind.LateSection;
        NativeMemory.Clear(_cells, Cells * CellStride * sizeof(long));
        NativeMemory.Fill(_scratch, ScratchBytes, 1);
    }

    /// <summary>Sections that saw poison.</summary>
    internal long Violations => Interlocked.Read(ref _violations);

    /// <summary>Grace periods that ended.</summary>
    internal long GracePeriods { get; private set; }

    /// <summary>Grace periods that were not woken by the last section, and had to be woken by the test.</summary>
    internal long Overslept { get; private set; }

    /// <summary>Runs until the duration is over or, if wanted, something was seen to go wrong.</summary>
    internal void Run(TimeSpan duration, bool untilViolation)
    {
        // On processors of their own: left alone, a scheduler with other things to do likes to put the
        // two of them on one, where they alternate and nothing can be seen. And before others: beside
        // an emulated machine they rarely run at the same time.
        OtherThread reader = OtherThread.Start(() =>
        {
            Processors.BindCallingThread(0);
            Processors.PreferCallingThread();
            Read();
        });
        OtherThread updater = OtherThread.Start(() =>
        {
            Processors.BindCallingThread(1);
            Processors.PreferCallingThread();
            long start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < duration && !(untilViolation && Violations > 0))
            {
                Update();
            }
            Volatile.Write(ref _stop, 1);
        });
        updater.Join(2 * duration + s_grace);
        reader.Join(s_grace);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_cells);
        NativeMemory.AlignedFree(_scratch);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Read()
    {
        SrcuReaders readers = _updaters.Readers;
        uint random = 12345;
        while (Volatile.Read(ref _stop) == 0)
        {
            int before = Volatile.Read(ref _published);
            for (int i = 0; i < Stores; i++)
            {
                random = random * 1664525 + 1013904223;
                _scratch[random & (ScratchBytes - 1)] = (byte)i;
            }
            uint index = readers.Enter();
            long* cell = _cells + (_late ? before : Volatile.Read(ref _published)) * CellStride;
            bool poisoned = false;
            for (int i = 0; i < Looks; i++)
            {
                poisoned |= Volatile.Read(ref *cell) == Poison;
            }
            readers.Exit(index);
            if (poisoned)
            {
                Interlocked.Increment(ref _violations);
            }
        }
    }

    private void Update()
    {
        int old = _published;
        int next = (old + 1) % Cells;
        Volatile.Write(ref _cells[next * CellStride], 0);
        Volatile.Write(ref _published, next);
        Task gracePeriod = _updaters.Request();
        long start = 0;
        for (SpinWait spin = default; !gracePeriod.IsCompleted; spin.SpinOnce(sleep1Threshold: -1))
        {
            start = start == 0 ? Stopwatch.GetTimestamp() : start;
            if (Stopwatch.GetElapsedTime(start) > s_patience)
            {
                // The end of a section overlooked the flag. What the pool would do, did anybody ask it:
                ((IThreadPoolWorkItem)_updaters).Execute();
                Overslept++;
                start = 0;
            }
        }
        Volatile.Write(ref _cells[old * CellStride], Poison);
        GracePeriods++;
    }
}

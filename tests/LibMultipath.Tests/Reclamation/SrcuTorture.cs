using System.Collections.Concurrent;
using System.Diagnostics;
using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Reclamation;

/// <summary>
/// Everything at once, for a while: readers of random length, some across awaits and some ended by
/// another thread, threads that come and go, forced collections, and updaters of every kind. Each
/// object is stamped when it is retired and poisoned after its grace period; nobody may see poison.
/// </summary>
internal sealed class SrcuTorture : IDisposable
{
    private const int Cells = 8;

    private readonly SrcuDomain _domain;
    private readonly Node[] _cells = [.. Enumerable.Range(0, Cells).Select(static _ => new Node())];
    private readonly BlockingCollection<(SrcuToken Token, Node Node)> _handedOver = new(256);
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly int _seed;
    private long _sections;
    private long _reclaimed;
    private long _called;
    private long _calledBack;
    private int _stop;

    internal SrcuTorture(int seed, int maximum)
    {
        _seed = seed;
        _domain = new SrcuDomain(null, maximum, ordinaryBarrier: false);
    }

    /// <summary>Sections that ended, on whatever thread: counted by the domain itself.</summary>
    internal long Sections => _domain.SumCounter(0);

    /// <summary>Sections that the torture meant to run.</summary>
    internal long Intended => Interlocked.Read(ref _sections);

    internal long Reclaimed => Interlocked.Read(ref _reclaimed);

    internal SrcuDomain Domain => _domain;

    internal async Task RunAsync(TimeSpan duration)
    {
        Task[] pool =
        [
            Task.Run(() => ReadAcrossAwaits(new Random(_seed + 1))),
            Task.Run(() => ReadAcrossAwaits(new Random(_seed + 2))),
            Task.Run(() => UpdateAsync(new Random(_seed + 3))),
        ];
        OtherThread[] threads =
        [
            Start(() => Read(new Random(_seed + 4))),
            Start(() => Read(new Random(_seed + 5))),
            Start(() => Churn(new Random(_seed + 6))),
            Start(EndHandedOver),
            Start(() => Update(new Random(_seed + 7))),
            Start(() => Update(new Random(_seed + 8))),
            Start(() => CallAndBarrier(new Random(_seed + 9))),
            Start(() => Collect(new Random(_seed + 10))),
        ];
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < duration && _failures.IsEmpty;)
        {
            await Task.Delay(10);
        }
        Volatile.Write(ref _stop, 1);
        await Task.WhenAll(pool).WaitAsync(Eventually.Limit);
        foreach (OtherThread thread in threads)
        {
            thread.Join();
        }
        await _domain.BarrierAsync().WaitAsync(Eventually.Limit);
        Assert.True(_failures.IsEmpty, string.Join("\n", _failures.Take(3)));
        Assert.Equal(Interlocked.Read(ref _called), Interlocked.Read(ref _calledBack));
    }

    public void Dispose()
    {
        _domain.Dispose();
        _handedOver.Dispose();
    }

    private bool Stopped => Volatile.Read(ref _stop) != 0;

    private OtherThread Start(Action action) => OtherThread.Start(() =>
    {
        try
        {
            action();
        }
        catch (Exception exception)
        {
            // Stops the others too; the test shows it.
            _failures.Enqueue(exception);
        }
    });

    private void Read(Random random)
    {
        while (!Stopped)
        {
            for (int i = 0; i < 100; i++)
            {
                ReadOnce(random);
            }
        }
    }

    private void ReadOnce(Random random)
    {
        Interlocked.Increment(ref _sections);
        SrcuToken token = _domain.ReadLock();
        Node node = Volatile.Read(ref _cells[random.Next(Cells)]);
        switch (random.Next(64))
        {
            case 0:
                Look(node, random.Next(5000));
                Thread.Yield();
                break;
            case 1 when _handedOver.TryAdd((token, node)):
                return;
            case 2:
                using (_domain.Enter())
                {
                    Look(Volatile.Read(ref _cells[random.Next(Cells)]), random.Next(100));
                }
                break;
            default:
                Look(node, random.Next(50));
                break;
        }
        Look(node, 1);
        _domain.ReadUnlockAndCount(token, 0, 1, 1, 8);
    }

    private async Task ReadAcrossAwaits(Random random)
    {
        while (!Stopped)
        {
            Interlocked.Increment(ref _sections);
            SrcuToken token = _domain.ReadLock();
            Node node = Volatile.Read(ref _cells[random.Next(Cells)]);
            if (random.Next(16) == 0)
            {
                await Task.Delay(random.Next(3));
            }
            else
            {
                await Task.Yield();
            }
            Look(node, 20);
            _domain.ReadUnlockAndCount(token, 0, 1, 1, 8);
        }
    }

    /// <summary>Threads whose first and last act is a section.</summary>
    private void Churn(Random random)
    {
        while (!Stopped)
        {
            int seed = random.Next();
            OtherThread.Run(() => ReadOnce(new Random(seed)));
        }
    }

    private void EndHandedOver()
    {
        // Goes on after the stop, until nobody is left who could hand over; after a failure, whose
        // thread has left its section open, until there is nothing to end.
        while (!Stopped || _handedOver.Count > 0 || (_failures.IsEmpty && Interlocked.Read(ref _sections) != Sections))
        {
            if (_handedOver.TryTake(out (SrcuToken Token, Node Node) section, millisecondsTimeout: 1))
            {
                Look(section.Node, 20);
                _domain.ReadUnlockAndCount(section.Token, 0, 1, 1, 8);
            }
        }
    }

    private void Update(Random random)
    {
        while (!Stopped)
        {
            Node old = Retire(random);
            switch (random.Next(3))
            {
                case 0:
                    SrcuState state = _domain.StartPoll();
                    Eventually.True(() => _domain.Poll(state), "a polled grace period");
                    break;
                default:
                    _domain.Synchronize();
                    break;
            }
            Reclaim(old);
        }
    }

    private async Task UpdateAsync(Random random)
    {
        while (!Stopped)
        {
            Node[] old = [.. Enumerable.Range(0, 3).Select(_ => Retire(random))];
            await Task.WhenAll(old.Select(_ => _domain.SynchronizeAsync())).WaitAsync(Eventually.Limit);
            Array.ForEach(old, Reclaim);
        }
    }

    private void CallAndBarrier(Random random)
    {
        while (!Stopped)
        {
            for (int i = random.Next(20); i >= 0; i--)
            {
                Interlocked.Increment(ref _called);
                _domain.Call(
                    node =>
                    {
                        Reclaim((Node)node!);
                        Interlocked.Increment(ref _calledBack);
                    },
                    Retire(random));
            }
            long called = Interlocked.Read(ref _called);
            _domain.Barrier();
            Expect(Interlocked.Read(ref _calledBack) >= called, "A barrier returned before the callbacks queued before it had run.");
        }
    }

    private void Collect(Random random)
    {
        while (!Stopped)
        {
            GC.Collect(random.Next(3));
            GC.WaitForPendingFinalizers();
            using SrcuDomain other = new();
            using (other.Enter())
            {
                _ = other.ReadersInFlight;
            }
            Expect(_domain.ReadersInFlight >= 0, "There were fewer sections than none.");
            Thread.Yield();
        }
    }

    private Node Retire(Random random)
    {
        Node old = Interlocked.Exchange(ref _cells[random.Next(Cells)], new Node());
        old.Retired = true;
        return old;
    }

    private void Reclaim(Node node)
    {
        Expect(node.Retired, "An object was reclaimed that had not been retired.");
        node.Poisoned = true;
        Interlocked.Increment(ref _reclaimed);
    }

    private void Look(Node node, int times)
    {
        for (int i = 0; i <= times; i++)
        {
            Expect(!node.Poisoned, "A reader saw poison.");
        }
    }

    private void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            _failures.Enqueue(new InvalidOperationException(otherwise));
        }
    }

    private sealed class Node
    {
        private bool _poisoned;

        internal bool Poisoned
        {
            get => Volatile.Read(ref _poisoned);
            set => Volatile.Write(ref _poisoned, value);
        }

        internal bool Retired { get; set; }
    }
}

using System.Runtime.CompilerServices;
using FASTER.core;
using LibMultipath.Benchmarks.Operations;
using LibMultipath.Benchmarks.Rig;
using LibMultipath.Block;
using LibMultipath.Diagnostics;
using LibMultipath.Hooks;
using LibMultipath.Paths;
using LibMultipath.Reclamation;
using LibMultipath.RingBuffer;
using LibMultipath.Selection;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>What <c>quick</c> measures, and with what it compares it.</summary>
internal sealed class Comparisons : IDisposable
{
    /// <summary>The peer of everything.</summary>
    public const string Pair = "interlocked_pair";

    /// <summary>The peer of the head disk: the disk of a path, without the head.</summary>
    public const string Direct = "direct";

    private readonly List<IDisposable> _disposables = [];
    private readonly PaddedCounter _counter = new();

    /// <summary>Makes the comparisons whose names begin with a prefix.</summary>
    public IReadOnlyList<Comparison> Build(string prefix)
    {
        (string Name, Func<string, Comparison> Make)[] all =
        [
            ("srcu.enter_exit", EnterExit),
            ("srcu.lock_unlock", LockUnlock),
            ("srcu.synchronize", Synchronize),
            ("select.numa.4", name => Select(name, IoPolicies.Numa, 4)),
            ("select.round-robin.2", name => Select(name, IoPolicies.RoundRobin, 2)),
            ("select.round-robin.4", name => Select(name, IoPolicies.RoundRobin, 4)),
            ("select.round-robin.16", name => Select(name, IoPolicies.RoundRobin, 16)),
            ("select.round-robin.256", name => Select(name, IoPolicies.RoundRobin, 256)),
            ("select.queue-depth.4", name => Select(name, IoPolicies.QueueDepth, 4)),
            ("select.queue-depth.64", name => Select(name, IoPolicies.QueueDepth, 64)),
            ("submit.numa.4", name => Submit(name, IoPolicies.Numa)),
            ("submit.round-robin.4", name => Submit(name, IoPolicies.RoundRobin)),
            ("submit.queue-depth.4", name => Submit(name, IoPolicies.QueueDepth)),
            ("submit.latency.4", name => Submit(name, IoPolicies.Parse("latency"))),
            ("submit.attached.4", Attached),
            ("submit.shown.4", Shown),
            ("hook.idle", name => Hook(name, handlers: 0)),
            ("hook.one", name => Hook(name, handlers: 1)),
            ("hook.one_delegate", name => Hook(name, handlers: 1, asDelegates: true)),
            ("hook.four", name => Hook(name, handlers: 4)),
            ("ring.record", name => RingRecords(name, batch: 64)),
            ("ring.record_one_thread", name => RingRecords(name, batch: 64, UserRingFlags.OneThreadReserves)),
            ("ring.single", name => RingRecords(name, batch: 1)),
            ("ring.threads", name => new Comparison(new RingThreadsProbe(name, Keep(new RingPair())), InterlockedPair())),
            ("failover", Failover),
        ];
        return [.. all.Where(each => each.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(static each => each.Make(each.Name))];
    }

    public void Dispose() => _disposables.ForEach(static each => each.Dispose());

    private Comparison EnterExit(string name)
    {
        // All of them are uncontended: one thread, nobody who waits.
        return new Comparison(
            Loop(name, new SrcuScope(Keep(new SrcuDomain()))),
            InterlockedPair(),
            Loop("lock", new LockPair(new Lock())),
            Loop("rwlockslim", new ReaderWriterLockPair(Keep(new ReaderWriterLockSlim()))),
            Loop("lightepoch", new LightEpochPair(new LightEpoch())));
    }

    private Comparison LockUnlock(string name) =>
        new(Loop(name, new SrcuTokenPair(Keep(new SrcuDomain()))), InterlockedPair());

    private Comparison Synchronize(string name) =>
        new(Loop(name, new SrcuSynchronize(Keep(new SrcuDomain()))), InterlockedPair());

    private Comparison Select(string name, PathSelector selector, int paths)
    {
        Multipath multipath = Keep(Multipath.OverNullPaths(selector, paths));
        if (ReferenceEquals(selector, IoPolicies.QueueDepth))
        {
            // The worst case: one that is idle would end the search.
            multipath.LoadEveryController();
        }

        return new Comparison(Loop(name, new PathSelect(multipath.Head)), InterlockedPair());
    }

    private Comparison Submit(string name, PathSelector selector)
    {
        const int Paths = 4;
        return new Comparison(
            Submission(name, Keep(Multipath.OverNullPaths(selector, Paths)).Disk),
            Submission(Direct, new NullDisk("direct")),
            InterlockedPair());
    }

    /// <summary>A user's selector, with its budget of time.</summary>
    private Comparison Attached(string name)
    {
        Multipath multipath = Keep(Multipath.OverNullPaths(IoPolicies.Numa, 4));
        Keep(new MpathSelectors().Register(new FirstUsable(), multipath.Head));
        return new Comparison(
            Submission(name, multipath.Disk),
            Submission(Direct, new NullDisk("direct")),
            InterlockedPair());
    }

    /// <summary>A head that is shown in diagnostics, to which nobody listens.</summary>
    private Comparison Shown(string name)
    {
        Multipath multipath = Keep(Multipath.OverNullPaths(IoPolicies.RoundRobin, 4));
        Keep(MpathDiagnostics.Attach(multipath.Head));
        return new Comparison(
            Submission(name, multipath.Disk),
            Submission(Direct, new NullDisk("direct")),
            InterlockedPair());
    }

    private Comparison Hook(string name, int handlers, bool asDelegates = false)
    {
        var work = new Arithmetic();
        var point = new HookPoint<long>(static () => { });
        var sum = new StrongBox<long>();
        HookHandler<long> handler = (scoped in long args) => sum.Value += args;
        for (int i = 0; i < handlers; i++)
        {
            Keep(asDelegates ? point.Attach(handler) : point.Attach(new SumHandler(sum)));
        }

        return new Comparison(
            Loop(name, new HookPass(point, work)),
            Loop("no_hook", new WorkOnly(work)),
            Loop("indirect", new IndirectCall(handler, work)));
    }

    private Comparison RingRecords(string name, int batch, UserRingFlags flags = UserRingFlags.None) =>
        new(Loop(name, new RingRecord(Keep(new RingPair(flags)), batch)), InterlockedPair());

    private Comparison Failover(string name) => new(new FailoverProbe(name, Keep(new FailoverPair())), InterlockedPair());

    private LoopProbe<InterlockedPair> InterlockedPair() => Loop(Pair, new InterlockedPair(_counter));

    private LoopProbe<SubmitRead> Submission(string name, BlockDevice disk)
    {
        Bio bio = Keep(Multipath.NewRead());
        return Loop(name, new SubmitRead(disk, bio), () =>
        {
            if (bio.Status != BlockStatus.Ok)
            {
                throw new InvalidOperationException($"{name} ended with {bio.Status}.");
            }
        });
    }

    private static LoopProbe<TOperation> Loop<TOperation>(string name, TOperation operation, Action? check = null)
        where TOperation : struct, IOperation => new(name, operation, check);

    private T Keep<T>(T disposable)
        where T : IDisposable
    {
        _disposables.Add(disposable);
        return disposable;
    }
}

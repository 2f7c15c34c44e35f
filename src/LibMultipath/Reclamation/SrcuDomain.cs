using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Reclamation;

/// <summary>
/// Sleepable read sections and grace periods: the kernel's <c>srcu_struct</c> for .NET. A section says
/// "I am using what I found"; a grace period says "everyone who could have found it is done".
/// </summary>
/// <remarks>
/// <para>
/// <b>Use.</b> The collector keeps a removed object's memory alive, but does not know when its last user
/// is done with what the object stands for: a path, a descriptor, a native buffer, a mapping. So readers
/// look it up and use it inside a section; whoever removes it first makes it unreachable, then waits for
/// a grace period (<see cref="Synchronize"/>) or leaves the rest to a callback
/// (<see cref="Call(Action)"/>), and only then closes, frees or unmaps it. Sections nest, may block, may
/// cross an <c>await</c> and may end on another thread than they began on.
/// </para>
/// <code>
/// using (domain.Enter())                          // a reader
/// {
///     Volatile.Read(ref current).Use();
/// }
///
/// Path old = Interlocked.Exchange(ref current, next);   // an updater
/// domain.Synchronize();
/// old.Close();                                    // nobody can be using it
/// </code>
/// <para>
/// <b>Threads.</b> Every member may be called on any thread. Readers never wait: not for updaters, not
/// for each other, and a domain's readers and updaters have nothing to do with another domain's. A domain has no
/// thread of its own, and nothing polls: a grace period is carried on by the thread that asks for it and
/// by the thread that ends the last section it waits for, else by a work item of the pool.
/// </para>
/// <para>
/// <b>Counting.</b> Each thread has a slot with four counters, begun and ended sections for index 0 and
/// for index 1, and is the only one to write to it, so that counting is a plain increment. A section
/// takes the domain's current index and counts its begin under it; that index is all a token holds. Its
/// end is counted under the same index by whichever thread ends it, in that thread's slot. The sections
/// of an index that are open are the sum of begins minus the sum of ends, over all slots; one slot by
/// itself says nothing.
/// </para>
/// <para>
/// <b>Why it suffices to sum.</b> To find an index drained, the updater adds up the ends, issues a barrier
/// on every processor that runs a thread of this process, adds up the begins, and compares. Suppose they
/// are equal, and a section that may hold the retired object is open. It loaded the object before the
/// updater's removal was visible, so before the barrier reached its processor; its begin was stored
/// before that load in program order, and the barrier has made that store visible: the begin was added.
/// Its end was not. So for the sums to agree, an end was added whose begin was not. But an end is
/// released after its begin and the ends were added first: whoever saw the end finds the begin. That is
/// the contradiction. It needs no ordering between the reader's store and its next load,
/// which is what makes a section cost so little: the updater, who is rare, pays for both sides with
/// the barrier (<c>membarrier</c>, about half a microsecond). An ordinary barrier would not do, and
/// interlocked increments would make the process-wide one superfluous; paying for both is the mistake
/// to avoid.
/// </para>
/// <para>
/// <b>Why there are two indices.</b> With one, sections that keep coming could keep the sums apart for
/// ever. So a grace period flips the current index and waits for the other, which only drains. A reader
/// may read the index, stall, and count under it after a flip. For the grace period in flight it does not
/// matter, as it loads what it uses after all that; but it is then in a section under the idle index,
/// and the next grace period, which would flip to that index and wait for the other, would miss it.
/// Hence two waits: first the idle index, then the flip, then the one that has become idle. Each grace
/// period has thus seen either index drained after it began.
/// </para>
/// <para>
/// <b>Sleeping.</b> After a few looks the updater writes the index it waits for into a flag, issues the
/// barrier, and counts again. An end that this count misses was stored after the barrier, so the load
/// of the flag behind it finds the flag. Such ends count down, with an interlocked instruction, from the
/// number that the updater saw open, and the one that arrives at nought carries the grace period on.
/// Ends that were counted and see the flag as well make that happen too early, never too late: then the
/// updater's part begins again.
/// </para>
/// <para>
/// <b>Waiting together.</b> A grace period serves those who asked before it began. At most one is in
/// flight, at most one more is wanted, and everybody who comes in the meantime shares that one.
/// </para>
/// <para>
/// <b>How it is known.</b> A litmus test shows the same code failing with an ordinary barrier, on two
/// processors, and not failing with the real one; <c>tests/models/srcu.pml</c> is the algorithm for a model checker, with
/// mutants that it must reject; a torture test and a check of small histories do the rest.
/// </para>
/// </remarks>
public sealed partial class SrcuDomain : IDisposable, IAsyncDisposable
{
    private readonly SrcuGracePeriods _updaters;

    /// <summary>Where sections begin; <see cref="SrcuReaders.Closed"/> from the beginning of the disposal.</summary>
    private SrcuReaders _entry;

    /// <summary>Where sections end; <see cref="SrcuReaders.Closed"/> from the end of the disposal.</summary>
    private SrcuReaders _exit;

    /// <summary>Creates a domain. It costs under a microsecond and a few hundred bytes; no thread is started.</summary>
    /// <param name="logger">
    /// Told of exceptions in callbacks, and in debug builds of misused tokens. Without one, an exception
    /// in a callback goes unseen.
    /// </param>
    public SrcuDomain(ILogger? logger = null)
        : this(logger, int.MaxValue, ordinaryBarrier: false)
    {
    }

    /// <summary>For tests: see <see cref="SrcuReaders(SrcuGracePeriods?, int, bool)"/>.</summary>
    internal SrcuDomain(ILogger? logger, int maximum, bool ordinaryBarrier)
    {
        Logger = logger ?? NullLogger.Instance;
        _updaters = new SrcuGracePeriods(Logger, maximum, ordinaryBarrier);
        _entry = _updaters.Readers;
        _exit = _updaters.Readers;
    }

    internal ILogger Logger { get; }

    /// <summary>For tests.</summary>
    internal SrcuReaders Readers => _exit;

    /// <summary>
    /// Begins a section, on any thread, and returns the token that ends it (<c>srcu_read_lock</c>).
    /// Never waits, and allocates only at a thread's first section of a domain.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SrcuToken ReadLock()
    {
#if DEBUG
        SrcuSectionRecord record = SrcuSectionRecord.Begin(this, isScope: false);
        return new SrcuToken(record.Enter(_entry), record);
#else
        return new SrcuToken(_entry.Enter());
#endif
    }

    /// <summary>
    /// Ends a section, on any thread (<c>srcu_read_unlock</c>). Never waits. A token is to be used
    /// exactly once; a debug build throws <see cref="InvalidOperationException"/> for any other use.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The domain is disposed, so the section had already ended.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReadUnlock(SrcuToken token)
    {
#if DEBUG
        SrcuSectionRecord.End(this, token.Record);
#endif
        _exit.Exit(token.Index);
    }

    /// <summary>Begins a section that ends with the scope: <c>using var section = domain.Enter();</c>.</summary>
    /// <exception cref="ObjectDisposedException">The domain is disposed or being disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SrcuSection Enter()
    {
#if DEBUG
        return new SrcuSection(_entry, SrcuSectionRecord.Begin(this, isScope: true));
#else
        return new SrcuSection(_entry);
#endif
    }

    /// <summary>
    /// The sections that are open now. Racy while sections begin and end, though never negative; exact
    /// when none does. Costs a look at every thread's slot: for statistics, not for decisions.
    /// </summary>
    public long ReadersInFlight
    {
        get
        {
            SrcuReaders readers = Volatile.Read(ref _exit);
            return readers == SrcuReaders.Closed ? 0 : readers.InFlight();
        }
    }
}

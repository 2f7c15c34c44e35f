using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Reclamation;

/// <summary>
/// Sleepable read sections and grace periods: the kernel's <c>srcu_struct</c> for .NET. A section says
/// "I am using what I found"; a grace period says "everyone who could have found it is done".
/// </summary>
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

#if DEBUG
using System.Diagnostics.CodeAnalysis;

namespace LibMultipath.Reclamation;

/// <summary>
/// Debug builds only: what is known of one section, to report a token that is used twice, never or on
/// another domain, and a <see cref="SrcuDomain.Synchronize"/> that waits for itself.
/// </summary>
/// <remarks>
/// A scope cannot leave its thread, so a blocking wait inside it never ends: that throws. A token can
/// be ended by any thread, so a wait while one is open here is suspicious but may be what was meant
/// (submit, then wait for the completion elsewhere): that is logged.
/// </remarks>
internal sealed class SrcuSectionRecord
{
    [ThreadStatic]
    private static List<WeakReference<SrcuSectionRecord>>? s_begunHere;

    private readonly SrcuDomain _domain;
    private readonly bool _isScope;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private int _ended;

    private SrcuSectionRecord(SrcuDomain domain, bool isScope)
    {
        _domain = domain;
        _isScope = isScope;
    }

    ~SrcuSectionRecord()
    {
        if (Volatile.Read(ref _ended) == 0)
        {
            _domain.Logger.SectionNeverEnded(_thread);
        }
    }

    internal static SrcuSectionRecord Begin(SrcuDomain domain, bool isScope)
    {
        SrcuSectionRecord record = new(domain, isScope);
        List<WeakReference<SrcuSectionRecord>> here = s_begunHere ??= [];
        here.RemoveAll(static reference => !IsOpen(reference, out _));
        here.Add(new WeakReference<SrcuSectionRecord>(record));
        return record;
    }

    /// <summary>Begins the section itself, after everything else, so that only the return stands behind its count.</summary>
    internal unsafe uint Enter(SrcuReaders readers) => Enter(readers, out _);

    /// <inheritdoc cref="Enter(SrcuReaders)"/>
    internal unsafe uint Enter(SrcuReaders readers, out SrcuSlot* slot)
    {
        try
        {
            return readers.Enter(out slot);
        }
        catch (ObjectDisposedException)
        {
            End();
            throw;
        }
    }

    /// <summary>Marks the section of a token as ended.</summary>
    /// <exception cref="InvalidOperationException">The token is no section, another domain's, or has been used.</exception>
    internal static void End(SrcuDomain domain, SrcuSectionRecord? record)
    {
        if (record is null)
        {
            throw new InvalidOperationException("The token was not returned by ReadLock.");
        }
        if (record._domain != domain)
        {
            throw new InvalidOperationException("The token belongs to another domain.");
        }
        record.End();
    }

    /// <summary>Marks the section as ended.</summary>
    /// <exception cref="InvalidOperationException">It has ended before.</exception>
    internal void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            throw new InvalidOperationException("A read section was ended twice.");
        }
    }

    /// <summary>To be called before a wait that blocks.</summary>
    /// <exception cref="InvalidOperationException">The calling thread is inside a scope of the domain.</exception>
    internal static void CheckBlockingWait(SrcuDomain domain)
    {
        int open = 0;
        foreach (WeakReference<SrcuSectionRecord> reference in s_begunHere ?? [])
        {
            if (IsOpen(reference, out SrcuSectionRecord? record) && record._domain == domain)
            {
                if (record._isScope)
                {
                    throw new InvalidOperationException("Waiting for a grace period inside a section of the same domain would wait for ever.");
                }
                open++;
            }
        }
        if (open > 0)
        {
            domain.Logger.SynchronizeWithOpenSections(Environment.CurrentManagedThreadId, open);
        }
    }

    private static bool IsOpen(WeakReference<SrcuSectionRecord> reference, [NotNullWhen(true)] out SrcuSectionRecord? record)
        => reference.TryGetTarget(out record) && Volatile.Read(ref record._ended) == 0;
}
#endif

using System.Runtime.CompilerServices;

namespace LibMultipath.Reclamation;

/// <summary>
/// A read section as a scope: <c>using var section = domain.Enter();</c>. Being a <c>ref struct</c>
/// it cannot be stored, leave its thread or cross an <c>await</c>; <see cref="SrcuDomain.ReadLock"/> is
/// for what has to.
/// </summary>
/// <remarks>
/// Because the thread stays the same, the scope remembers the thread's slot and ends without looking
/// for it again: it is the cheaper of the two forms.
/// </remarks>
public unsafe ref struct SrcuSection
{
    private readonly SrcuSlot* _slot;
    private readonly uint _index;
    private SrcuReaders? _readers;
#if DEBUG
    private readonly SrcuSectionRecord _record;

    internal SrcuSection(SrcuReaders readers, SrcuSectionRecord record)
    {
        _record = record;
        _index = record.Enter(readers, out _slot);
        _readers = readers;
    }
#else

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal SrcuSection(SrcuReaders readers)
    {
        _index = readers.Enter(out _slot);
        _readers = readers;
    }
#endif

    /// <summary>Ends the section. A second call does nothing; ending a copy as well is an error that debug builds report.</summary>
    /// <exception cref="InvalidOperationException">Debug builds: the section has been ended through a copy.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        SrcuReaders? readers = _readers;
        if (readers is null)
        {
            return;
        }
        _readers = null;
#if DEBUG
        _record.End();
#endif
        if (_slot is null)
        {
            readers.ExitSlow(_index);
        }
        else
        {
            readers.Exit(_index, _slot);
        }
    }

    /// <summary><see cref="Dispose"/>, and adds to two counters as <see cref="SrcuDomain.ReadUnlockAndCount"/> does. Once only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void DisposeAndCount(int first, long firstValue, int second, long secondValue)
    {
        SrcuReaders readers = _readers!;
        _readers = null;
#if DEBUG
        _record.End();
#endif
        if (_slot is null)
        {
            readers.CountSlow(first, firstValue, second, secondValue);
            readers.ExitSlow(_index);
        }
        else
        {
            readers.ExitAndCount(_index, _slot, first, firstValue, second, secondValue);
        }
    }
}

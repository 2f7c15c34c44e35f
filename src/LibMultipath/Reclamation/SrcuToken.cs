namespace LibMultipath.Reclamation;

/// <summary>
/// A read section that was begun with <see cref="SrcuDomain.ReadLock"/>, to be given back to
/// <see cref="SrcuDomain.ReadUnlock"/> of the same domain exactly once, on any thread. The kernel's
/// counterpart is the <c>int</c> that <c>srcu_read_lock</c> returns.
/// </summary>
/// <remarks>
/// It may be stored, cross an <c>await</c> and travel between threads; who hands it on has to do so
/// in a way that orders memory, as every queue, task and lock does. In a release build it is an
/// integer and nothing checks its use; in a debug build it carries the record that finds tokens used
/// twice, never, or on another domain.
/// </remarks>
public readonly struct SrcuToken
{
#if DEBUG
    internal SrcuToken(uint index, SrcuSectionRecord record)
    {
        Index = index;
        Record = record;
    }

    internal SrcuSectionRecord? Record { get; }
#else
    internal SrcuToken(uint index) => Index = index;
#endif

    internal uint Index { get; }
}

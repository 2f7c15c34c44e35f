using System.Runtime.CompilerServices;

namespace LibMultipath.Reclamation;

/// <summary>
/// A read section as a scope: <c>using var section = domain.Enter();</c>. Being a <c>ref struct</c>
/// it cannot be stored or cross an <c>await</c>; <see cref="SrcuDomain.ReadLock"/> is for what has to.
/// </summary>
public ref struct SrcuSection
{
    private readonly SrcuToken _token;
    private SrcuDomain? _domain;

    internal SrcuSection(SrcuDomain domain, SrcuToken token)
    {
        _domain = domain;
        _token = token;
    }

    /// <summary>Ends the section. A second call does nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        SrcuDomain? domain = _domain;
        if (domain is not null)
        {
            _domain = null;
            domain.ReadUnlock(_token);
        }
    }
}

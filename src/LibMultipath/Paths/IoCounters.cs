using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Reclamation;

namespace LibMultipath.Paths;

/// <summary>Where I/O is counted in the spare counters of a read-copy domain: a pair (I/Os, bytes) for each kind.</summary>
internal static class IoCounters
{
    private const int Reads = 0;
    private const int Writes = 2;
    private const int Others = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(BioOp op) => op <= BioOp.Write ? (int)op << 1 : Others;

    public static IoStatistics Read(SrcuDomain domain) => new(
        domain.SumCounter(Reads),
        domain.SumCounter(Reads + 1),
        domain.SumCounter(Writes),
        domain.SumCounter(Writes + 1),
        domain.SumCounter(Others),
        domain.SumCounter(Others + 1));
}

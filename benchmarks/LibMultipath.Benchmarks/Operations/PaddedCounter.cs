using System.Runtime.InteropServices;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A counter alone on its cache lines.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal sealed class PaddedCounter
{
    [FieldOffset(128)]
    public long Value;
}

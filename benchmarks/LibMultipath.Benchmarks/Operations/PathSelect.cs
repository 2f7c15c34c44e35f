using System.Runtime.CompilerServices;
using LibMultipath.Paths;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>A selection through the public interface, read section and all.</summary>
internal readonly struct PathSelect(MpathHead head) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke()
    {
        using PathSelection selection = head.SelectPath();
        if (selection.Path is null)
        {
            ThrowNoPath();
        }
    }

    private static void ThrowNoPath() => throw new InvalidOperationException("There is no usable path.");
}

using System.Runtime.CompilerServices;
using LibMultipath.Block;

namespace LibMultipath.Benchmarks.Operations;

/// <summary>One bio through a disk that completes it at once, from the submission to its callback.</summary>
internal readonly struct SubmitRead(BlockDevice disk, Bio bio) : IOperation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Invoke() => disk.Submit(bio);
}

using System.Collections.Concurrent;
using LibMultipath.Block;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Block;

/// <summary>Counts how bios end that tell through EndIo.</summary>
internal sealed class Endings
{
    private readonly ConcurrentQueue<BlockStatus> _statuses = new();

    public int Count => _statuses.Count;

    public BlockStatus[] Statuses => [.. _statuses];

    /// <summary>How the only bio ended, which ended only once.</summary>
    public BlockStatus Only => Assert.Single(Statuses);

    public void Note(Bio bio) => _statuses.Enqueue(bio.Status);

    public Bio Watch(Bio bio)
    {
        bio.EndIo = Note;
        return bio;
    }

    public void WaitFor(int count) => Eventually.True(() => Count >= count, $"{count} bios to end");
}

using LibMultipath.Block;

namespace LibMultipath.Tests.Paths;

/// <summary>One I/O of a test: counts how often it ends.</summary>
internal sealed class Io
{
    private int _ends;

    public Io(Bio bio)
    {
        Bio = bio;
        bio.EndIo = ended =>
        {
            Status = ended.Status;
            Interlocked.Increment(ref _ends);
            Then?.Invoke(this);
        };
    }

    public Bio Bio { get; }

    public BlockStatus Status { get; private set; }

    public int Ends => Volatile.Read(ref _ends);

    public bool HasEnded => Ends > 0;

    /// <summary>Called when it has ended.</summary>
    public Action<Io>? Then { get; set; }

    /// <summary>That it has ended, once, in this way.</summary>
    public void AssertEnded(BlockStatus status)
    {
        Assert.Equal(1, Ends);
        Assert.Equal(status, Status);
    }
}

using LibMultipath.Block;
using Mpathd.Engine;

namespace Mpathd.Tests.Machine;

/// <summary>Reads and writes of blocks that carry their address, a version and a checksum, under way until it is finished.</summary>
internal sealed class VerifiedLoad : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);

    private readonly WorkloadEngine _engine;

    public VerifiedLoad(BlockDevice disk, int seed)
    {
        _engine = new WorkloadEngine(disk, new WorkloadOptions
        {
            Pattern = AccessPattern.RandRw,
            BlockSize = 4096,
            Blocks = 1024,
            Depth = 16,
            Seed = (ulong)seed,
            MaxBlocksPerIo = 4,
            FlushOnceIn = 32,
            FuaOnceIn = 16,
            Verify = true,
        });
        _engine.Start();
    }

    public long Ios => _engine.Work!.Ios;

    /// <summary>Waits until so many more have ended.</summary>
    public void WaitFor(int more)
    {
        long seen = Ios;
        Eventually.True(() => Ios >= seen + more, $"{more} I/Os", s_limit);
    }

    /// <summary>Ends it, reads everything back, and sees to it that nothing was wrong.</summary>
    public void Finish()
    {
        _engine.Stop();
        Assert.True(_engine.Wait(s_limit), $"{_engine.UnderWay} I/Os do not end");
        _engine.StartReadBack();
        Assert.True(_engine.Wait(s_limit), $"{_engine.UnderWay} I/Os of the read-back do not end");
        Assert.True((_engine.Errors, _engine.Miscompares, _engine.Duplicated) is (0, 0, 0), string.Join('\n', _engine.Details));
    }

    /// <summary>Ends it, also when its test has failed in the middle of it.</summary>
    public void Dispose()
    {
        _engine.Stop();
        if (_engine.Wait(s_limit))
        {
            _engine.Dispose();
        }
    }
}

using LibMultipath.Block;

namespace LibMultipath.Tests.Torture;

/// <summary>A thread that completes the I/O of several paths, as an interrupt or a poll loop would.</summary>
internal sealed class TortureCompleter : IDisposable
{
    public const int ScratchSize = TortureSlot.MaxBlocks * TortureBlock.Size;

    private readonly TortureVerdict _verdict;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private TorturePath[] _paths = [];
    private bool _stop;

    public TortureCompleter(TortureVerdict verdict, int number)
    {
        _verdict = verdict;
        _thread = new Thread(Run) { IsBackground = true, Name = $"torture-complete/{number}" };
        _thread.Start();
    }

    public TortureWake Wake { get; } = new();

    public void Add(TorturePath path)
    {
        lock (_lock)
        {
            Volatile.Write(ref _paths, [.. _paths, path]);
        }
    }

    public void Remove(TorturePath path)
    {
        lock (_lock)
        {
            Volatile.Write(ref _paths, [.. _paths.Where(other => other != path)]);
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        Wake.Set();
        _thread.Join();
        Wake.Dispose();
    }

    private void Run()
    {
        var batch = new BioAttempt[16];
        byte[] scratch = new byte[ScratchSize];
        try
        {
            while (!Volatile.Read(ref _stop))
            {
                if (ServeAll(batch, scratch))
                {
                    continue;
                }

                Wake.Prepare();
                if (ServeAll(batch, scratch))
                {
                    Wake.Cancel();
                }
                else
                {
                    Wake.Sleep();
                }
            }
        }
        catch (Exception exception)
        {
            _verdict.Fail($"A completion thread died: {exception}");
        }
    }

    private bool ServeAll(BioAttempt[] batch, byte[] scratch)
    {
        bool any = false;
        foreach (TorturePath path in Volatile.Read(ref _paths))
        {
            any |= path.Serve(batch, scratch, out bool left) != 0 | left;
        }

        return any;
    }
}

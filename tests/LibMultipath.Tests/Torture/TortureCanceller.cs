using System.Collections.Concurrent;

namespace LibMultipath.Tests.Torture;

/// <summary>A thread that cancels what it is given, sooner or later; a few it only disposes.</summary>
internal sealed class TortureCanceller : IDisposable
{
    private readonly TortureVerdict _verdict;
    private readonly TortureRandom _random;
    private readonly BlockingCollection<CancellationTokenSource> _sources = [];
    private readonly Thread _thread;

    public TortureCanceller(TortureVerdict verdict, int seed)
    {
        _verdict = verdict;
        _random = new TortureRandom(seed, 3);
        _thread = new Thread(Run) { IsBackground = true, Name = "torture-cancel" };
        _thread.Start();
    }

    public void Add(CancellationTokenSource source) => _sources.Add(source);

    public void Dispose()
    {
        _sources.CompleteAdding();
        _thread.Join();
        _sources.Dispose();
    }

    private void Run()
    {
        foreach (CancellationTokenSource source in _sources.GetConsumingEnumerable())
        {
            Thread.SpinWait(_random.Next(2000));
            try
            {
                if (!_random.Chance(4096))
                {
                    source.Cancel();
                }
            }
            catch (Exception exception)
            {
                _verdict.Fail($"Cancelling threw: {exception}");
            }

            source.Dispose();
        }
    }
}

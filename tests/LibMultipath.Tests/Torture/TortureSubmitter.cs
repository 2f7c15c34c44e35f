using System.Collections.Concurrent;
using LibMultipath.Block;

namespace LibMultipath.Tests.Torture;

/// <summary>
/// A thread that keeps a number of I/Os under way, all within blocks of its own, and checks each when it has ended.
/// </summary>
internal sealed partial class TortureSubmitter : IDisposable
{
    private readonly TortureRun _run;
    private readonly TortureStore _store;
    private readonly TortureLedger _ledger;
    private readonly TortureRandom _random;
    private readonly TortureSlot[] _slots;
    private readonly ConcurrentQueue<TortureSlot> _ready = new();
    private readonly TortureWake _wake = new();
    private readonly Thread _thread;
    private readonly int _firstBlock;
    private int _outstanding;

    public TortureSubmitter(TortureRun run, int number)
    {
        _run = run;
        _store = run.Store;
        Number = number;
        _firstBlock = number * run.Store.BlocksEach;
        _ledger = new TortureLedger(run.Store.BlocksEach);
        _random = new TortureRandom(run.Options.Seed, 100 + number);
        _slots = [.. Enumerable.Range(0, run.Options.Depth).Select(index => new TortureSlot(this, index))];
        _thread = new Thread(Run) { IsBackground = true, Name = $"torture-submit/{number}" };
    }

    public int Number { get; }

    public TortureVerdict Verdict => _run.Verdict;

    public BlockDevice Disk => _run.Disk;

    public IReadOnlyList<TortureSlot> Slots => _slots;

    /// <summary>Submissions that have ended.</summary>
    public long Ended => _slots.Sum(slot => slot.Ends);

    public bool IsDone => !_thread.IsAlive;

    public void Start() => _thread.Start();

    public void Join() => _thread.Join();

    /// <summary>An I/O has ended. Any thread.</summary>
    public void Ready(TortureSlot slot)
    {
        _ready.Enqueue(slot);
        _wake.Set();
    }

    /// <summary>Reads everything that is this submitter's and compares. After its thread has ended.</summary>
    public async Task ReadBackAsync()
    {
        const int AtOnce = 32;
        byte[] buffer = new byte[AtOnce * TortureBlock.Size];
        for (int first = 0; first < _store.BlocksEach; first += AtOnce)
        {
            _store.Cover(_firstBlock + first, AtOnce, covered: true);
            BlockStatus status = await Disk.ReadAsync(_firstBlock + first, buffer);
            _store.Cover(_firstBlock + first, AtOnce, covered: false);
            if (status != BlockStatus.Ok)
            {
                Verdict.Fail($"The read-back of {_firstBlock + first} ended with {status}.");
                return;
            }

            CheckRead(first, AtOnce, buffer, "the read-back");
        }
    }

    public void Dispose()
    {
        foreach (TortureSlot slot in _slots)
        {
            slot.Bio?.Dispose();
        }

        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            foreach (TortureSlot slot in _slots)
            {
                _outstanding++;
                SubmitNext(slot);
            }

            while (_outstanding > 0)
            {
                if (!_ready.TryDequeue(out TortureSlot? slot))
                {
                    _wake.Prepare();
                    if (!_ready.TryDequeue(out slot))
                    {
                        _wake.Sleep();
                        continue;
                    }

                    _wake.Cancel();
                }

                CheckEnded(slot);
                if (_run.StopSubmitting)
                {
                    _outstanding--;
                }
                else
                {
                    SubmitNext(slot);
                }
            }
        }
        catch (Exception exception)
        {
            Verdict.Fail($"Submitter {Number} died: {exception}");
        }
    }
}

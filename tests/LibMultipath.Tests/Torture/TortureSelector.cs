using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Tests.Torture;

/// <summary>A selector that is right most of the time, and must not be called any more once it was taken off.</summary>
internal sealed class TortureSelector(TortureVerdict verdict, int number) : IMpathSelector, IMpathSelectorFeedback
{
    private readonly PathTable<long> _inFlight = new();
    private long _calls;
    private bool _isOff;

    public string Name => $"torture {number}";

    public SelectorNeeds Needs => number % 2 == 0 ? SelectorNeeds.Load : SelectorNeeds.Latency;

    public long Calls => Volatile.Read(ref _calls);

    /// <summary>Whether nobody may call it any more.</summary>
    public bool IsOff
    {
        set => Volatile.Write(ref _isOff, value);
    }

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        NoteCall("to choose");
        try
        {
            return Choose(ref paths);
        }
        finally
        {
            NoteCall("and had not returned");
        }
    }

    public void Started(PathView path, long bytes)
    {
        NoteCall("when an attempt began");
        Interlocked.Add(ref _inFlight[path], bytes);
    }

    public void Ended(PathView path, long bytes, TimeSpan duration, BlockStatus status)
    {
        NoteCall("when an attempt ended");
        Interlocked.Add(ref _inFlight[path], -bytes);
    }

    private int Choose(ref PathIterator paths)
    {
        long turn = Interlocked.Increment(ref _calls);
        PathView best = default;
        for (Errno step = paths.First(); step == 0; step = paths.Next())
        {
            if (paths.Current.IsUsable && (best.IsNone || _inFlight[paths.Current] < _inFlight[best]))
            {
                best = paths.Current;
            }
        }

        switch (turn % 16)
        {
            case 3:
                throw new InvalidOperationException("wanted");
            case 6:
                return -1;
            case 9:
                return int.MaxValue;
            case 12:
                // Usable or not.
                paths.First();
                return paths.Current.ControllerId;
            default:
                return paths.MoveTo(best) == 0 ? best.ControllerId : -1;
        }
    }

    private void NoteCall(string why)
    {
        if (Volatile.Read(ref _isOff))
        {
            verdict.Fail($"The selector {number} was called {why} after it had been taken off.");
        }
    }
}

using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Mpathd.Engine;

/// <summary>Every lane at work on one thing, each on a thread of its own, and what has come of it so far.</summary>
internal sealed class LanePhase
{
    private readonly WorkloadLane[] _lanes;
    private readonly LaneCounters[] _counters;
    private readonly LatencyHistogram[] _latencies;
    private readonly Thread[] _threads;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _ended;
    private int _running;
    private ExceptionDispatchInfo? _fault;

    private LanePhase(WorkloadLane[] lanes, IIoSource[] sources)
    {
        _lanes = lanes;
        _counters = [.. lanes.Select(_ => new LaneCounters())];
        _latencies = [.. lanes.Select(_ => new LatencyHistogram())];
        _threads = [.. lanes.Select((_, i) => new Thread(() => Work(i, sources[i])) { IsBackground = true, Name = $"lane/{i}" })];
        _running = lanes.Length;
    }

    /// <summary>I/Os that have ended.</summary>
    public long Ios => _counters.Sum(each => each.Ios);

    /// <summary>Bytes that were read or written.</summary>
    public long Bytes => _counters.Sum(each => each.Bytes);

    /// <summary>I/Os that ended with an error.</summary>
    public long Errors => _counters.Sum(each => each.Errors);

    /// <summary>Blocks that were not what they must be.</summary>
    public long Miscompares => _counters.Sum(each => each.Miscompares);

    /// <summary>How long the lanes have worked, until the last of them was done.</summary>
    public TimeSpan Elapsed => Volatile.Read(ref _ended) is > 0 and long ended
        ? Stopwatch.GetElapsedTime(_started, ended)
        : Stopwatch.GetElapsedTime(_started);

    /// <summary>Starts the lanes.</summary>
    /// <param name="lanes">Not at work.</param>
    /// <param name="sources">One for each.</param>
    public static LanePhase Start(WorkloadLane[] lanes, IIoSource[] sources)
    {
        var phase = new LanePhase(lanes, sources);
        foreach (Thread thread in phase._threads)
        {
            thread.Start();
        }

        return phase;
    }

    /// <summary>How long the I/Os took. To be asked for when the lanes are done.</summary>
    public LatencyHistogram Latency()
    {
        var sum = new LatencyHistogram();
        foreach (LatencyHistogram each in _latencies)
        {
            sum.Add(each);
        }

        return sum;
    }

    /// <summary>Waits until every lane is done. False if the time did not suffice. A lane that threw makes it throw.</summary>
    public bool Wait(TimeSpan timeout)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (Thread thread in _threads)
        {
            TimeSpan left = timeout - Stopwatch.GetElapsedTime(start);
            if (!thread.Join(left > TimeSpan.Zero ? left : TimeSpan.Zero))
            {
                return false;
            }
        }

        _fault?.Throw();
        return true;
    }

    private void Work(int index, IIoSource source)
    {
        try
        {
            _lanes[index].Run(source, _counters[index], _latencies[index]);
        }
        catch (Exception exception)
        {
            // It belongs to whoever waits for the lanes.
            _fault = ExceptionDispatchInfo.Capture(exception);
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0)
            {
                Volatile.Write(ref _ended, Stopwatch.GetTimestamp());
            }
        }
    }
}

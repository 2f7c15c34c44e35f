using System.Diagnostics;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>
/// A measure and its peers, timed in turns: measure, peer, peer, measure, peer, peer. A round is over within a few
/// milliseconds, so whatever slows the machine down slows all of them down.
/// </summary>
internal sealed class Comparison
{
    private const double BatchNanoseconds = 250_000;

    private readonly Probe[] _probes;
    private readonly int[] _counts;
    private readonly Series[] _series;
    private readonly Series[] _ratios;
    private long _bytes;
    private long _operations;

    public Comparison(Probe subject, params Probe[] peers)
    {
        _probes = [subject, .. peers];
        _counts = new int[_probes.Length];
        _series = [.. _probes.Select(static _ => new Series())];
        _ratios = [.. _probes.Select(static _ => new Series())];
    }

    public string Name => _probes[0].Name;

    public int Rounds => _series[0].Count;

    public IEnumerable<string> Peers => _probes.Skip(1).Select(static probe => probe.Name);

    public double BytesPerOperation => _operations == 0 ? 0 : (double)_bytes / _operations;

    /// <summary>Runs everything a little, so that the compiler sees it.</summary>
    public void WarmUp()
    {
        foreach (Probe probe in _probes)
        {
            probe.Run(64);
        }
    }

    /// <summary>Finds out how many operations make a batch. Once, after the warm-up.</summary>
    public void Calibrate()
    {
        for (int i = 0; i < _probes.Length; i++)
        {
            _counts[i] = CountFor(_probes[i]);
        }
    }

    /// <summary>Runs rounds until the time is over, at least one; goes on where the last call ended.</summary>
    public void Run(TimeSpan budget)
    {
        long begin = Stopwatch.GetTimestamp();
        do
        {
            double subject = RunSubject();
            for (int i = 1; i < _probes.Length; i++)
            {
                double peer = _probes[i].Run(_counts[i]);
                _series[i].Add(peer);
                _ratios[i].Add(subject / peer);
            }
        }
        while (Stopwatch.GetElapsedTime(begin) < budget);

        foreach (Probe probe in _probes)
        {
            probe.Check();
        }
    }

    /// <summary>The figures of the measure, or of a peer.</summary>
    public Series SeriesOf(string name) => _series[IndexOf(name)];

    /// <summary>The quotients of the rounds: how far they spread is how far the quotient of the medians can be trusted.</summary>
    public Series RatiosTo(string peer) => _ratios[IndexOf(peer)];

    /// <summary>One for each peer.</summary>
    public IEnumerable<Measurement> Measurements()
    {
        double ns = _series[0].Median;
        for (int i = 1; i < _probes.Length; i++)
        {
            double peer = _series[i].Median;
            yield return new Measurement(Name, ns, BytesPerOperation, _probes[i].Name, peer, ns / peer);
        }
    }

    private double RunSubject()
    {
        Probe subject = _probes[0];
        int count = _counts[0];
        long before = subject.AllocatedBytes;
        double ns = subject.Run(count);
        _bytes += subject.AllocatedBytes - before;
        _operations += count;
        _series[0].Add(ns);
        return ns;
    }

    // Long beside the clock's resolution, short beside what else the machine does.
    private static int CountFor(Probe probe)
    {
        double best = double.MaxValue;
        for (int i = 0; i < 5; i++)
        {
            best = Math.Min(best, probe.Run(16));
        }

        return (int)Math.Clamp(BatchNanoseconds / best, 1, 1_000_000);
    }

    private int IndexOf(string name) => Array.FindIndex(_probes, probe => probe.Name == name);
}

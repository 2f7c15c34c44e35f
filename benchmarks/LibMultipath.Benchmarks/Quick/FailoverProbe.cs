using System.Diagnostics;
using LibMultipath.Benchmarks.Rig;

namespace LibMultipath.Benchmarks.Quick;

/// <summary>
/// Failovers, one at a time, each timed by the two drivers. The requeue thread has a part in it, so the bytes are those
/// of the process, and the figure of a run is its median: a thread that is woken late is the machine's business.
/// </summary>
internal sealed class FailoverProbe(string name, FailoverPair pair) : Probe(name)
{
    private double[] _samples = new double[64];

    public override long AllocatedBytes => GC.GetTotalAllocatedBytes(precise: true);

    public override double Run(int count)
    {
        if (_samples.Length < count)
        {
            _samples = new double[count];
        }

        Span<double> samples = _samples.AsSpan(0, count);
        foreach (ref double sample in samples)
        {
            sample = pair.Run() * (1e9 / Stopwatch.Frequency);
        }

        samples.Sort();
        return samples[count / 2];
    }
}

using System.Globalization;
using Mpathd.Paths;
using Mpathd.Runs;

namespace Mpathd.Output;

/// <summary>Shows a line every two seconds: for a log, or a terminal that can do no more.</summary>
internal sealed class LinesView : IRunView
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private readonly TextWriter _output;
    private readonly RateMeter _rates = new();

    public LinesView(TextWriter output) => _output = output;

    public void Show(MultipathRun run, WaitHandle done)
    {
        _rates.BeginLook();
        _rates.RateOf("ios", 0);
        while (!done.WaitOne(s_interval))
        {
            _output.WriteLine(Line(run.Snapshot()));
        }
    }

    private string Line(RunSnapshot now)
    {
        if (now.Phase == RunPhase.ReadingBack)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"reading back: {SizeText.Approximate(now.ReadBack)} of {SizeText.Approximate(now.ReadBackTotal)}, {now.Miscompares} miscompares");
        }

        _rates.BeginLook();
        return string.Create(CultureInfo.InvariantCulture,
            $"{now.Elapsed.TotalSeconds,3:0} s of {now.Duration.TotalSeconds:0}: {_rates.RateOf("ios", now.Ios):N0} IOPS, {now.Paths.Count(path => path.IsUsable)} of {now.Paths.Length} paths usable, {now.Policy}, {now.Failovers:N0} failovers, {now.Faults.TotalLosses} total losses, {now.Errors} errors, {now.Miscompares} miscompares");
    }
}

using System.Globalization;
using Mpathd.Paths;
using Mpathd.Serving;

namespace Mpathd.Output;

/// <summary>A line for people, in a log or a terminal that can do no more.</summary>
internal sealed class LineStatusView(TextWriter output) : IStatusView
{
    private readonly RateMeter _rates = new();

    public void Show(ServiceStatus status)
    {
        _rates.BeginLook();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{status.Name}: {status.State}, {SizeText.Format(status.CapacityBytes)}, {_rates.RateOf("ios", status.Ios):N0} IOPS, {status.Paths.Count(path => path.Usable)} of {status.Paths.Length} paths usable, {status.Policy}{(status.Selector is { Attached: true } selector ? $" under {selector.Name}" : "")}, {status.Waiting} waiting, {status.Failovers:N0} failovers, {status.Errors:N0} errors"));
        output.Flush();
    }
}

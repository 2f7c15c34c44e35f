using System.Globalization;

namespace LibMultipath.Tests.Torture;

/// <summary>What went wrong, and how often what happened. Any thread.</summary>
internal sealed class TortureVerdict
{
    private const int Kept = 20;

    private readonly Lock _lock = new();
    private readonly List<string> _violations = [];
    private int _failed;

    public long Stale;
    public long LostAcks;
    public long SpuriousFailures;
    public long Retries;
    public long AccessStateErrors;
    public long Throws;
    public long Inline;
    public long Aborted;
    public long Cancelled;
    public long Errors;
    public long Unknown;

    public bool HasFailed => Volatile.Read(ref _failed) != 0;

    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_lock)
            {
                return [.. _violations];
            }
        }
    }

    public void Fail(string violation)
    {
        lock (_lock)
        {
            if (_violations.Count < Kept)
            {
                _violations.Add(violation);
            }
        }

        Volatile.Write(ref _failed, 1);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"stale completions {Stale:N0}, lost replies {LostAcks:N0}, single failures {SpuriousFailures:N0}, retries {Retries:N0}, "
        + $"access-state errors {AccessStateErrors:N0}, throwing submissions {Throws:N0}, inline completions {Inline:N0}, "
        + $"aborted {Aborted:N0}, cancelled {Cancelled:N0}, errors that had a cause {Errors:N0}, blocks of unknown version {Unknown:N0}");
}

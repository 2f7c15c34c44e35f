using System.Globalization;
using LibMultipath.Paths;
using Mpathd.Paths;
using Mpathd.Serving;

namespace Mpathd.Feeding;

/// <summary>What records are applied to: the paths of a disk that is served.</summary>
/// <remarks>Any thread; what changes a path is done where all changes are.</remarks>
internal sealed class FeedTarget
{
    private static readonly long s_longest = (long)TimeSpan.FromHours(1).TotalNanoseconds;

    private readonly ServedDisk _disk;
    private readonly ChangeQueue _changes;

    public FeedTarget(ServedDisk disk, ChangeQueue changes)
    {
        _disk = disk;
        _changes = changes;
    }

    /// <summary>Applies what blocks nobody.</summary>
    /// <param name="record">The record.</param>
    /// <param name="problem">Why it is refused; null if it has to be carried out by <see cref="ChangeAsync"/>.</param>
    public bool TryApply(in FeedRecord record, out string? problem)
    {
        FeedRecord copy = record;
        ManagedPath? path = Array.Find(_disk.Paths, each => each.Number == copy.Path);
        problem = path is null ? $"there is no path {copy.Path}" : copy.Kind switch
        {
            FeedKind.Latency => copy.Value is 0 || copy.Value > (ulong)s_longest ? $"a latency of {copy.Value} ns cannot be; give 1 to {s_longest}" : null,
            FeedKind.Weight => copy.Value > MpathDevice.MaxWeight ? $"a weight of {copy.Value} cannot be; give 0 to {MpathDevice.MaxWeight}" : null,
            FeedKind.State => FeedState.Of(copy.Value) is null ? $"there is no state {copy.Value}; give 1 (optimized), 2 (non-optimized) or 3 (inaccessible)" : null,
            FeedKind.Fail or FeedKind.Restore => null,
            _ => $"there is no kind {(uint)copy.Kind}; give 1 to 5",
        };
        switch (problem is null ? copy.Kind : default)
        {
            case FeedKind.Latency:
                // Rounded up to what a duration can tell.
                path!.Device.ReportLatency(TimeSpan.FromTicks(((long)copy.Value + TimeSpan.NanosecondsPerTick - 1) / TimeSpan.NanosecondsPerTick));
                return true;
            case FeedKind.Weight:
                path!.Device.Weight = (int)copy.Value;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Carries out what blocks; done when it is.</summary>
    /// <returns>Why it was refused; null if it was carried out.</returns>
    public async Task<string?> ChangeAsync(FeedRecord record)
    {
        string path = record.Path.ToString(CultureInfo.InvariantCulture);
        try
        {
            await _changes.Make(() => record.Kind switch
            {
                FeedKind.State => _disk.SetState(path, FeedState.Of(record.Value)!.Value),
                FeedKind.Fail => _disk.FailPath(path),
                _ => _disk.RestorePath(path),
            }).ConfigureAwait(false);
            return null;
        }
        catch (MpathdException exception)
        {
            return exception.Message;
        }
    }
}

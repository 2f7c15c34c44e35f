namespace Mpathd.Engine;

/// <summary>
/// What one lane has done. Written by the lane alone; anybody may read, and sees each number as it was a moment ago.
/// </summary>
internal sealed class LaneCounters
{
    private long _ios;
    private long _bytes;
    private long _errors;
    private long _miscompares;

    /// <summary>I/Os that have ended, well or not.</summary>
    public long Ios => Volatile.Read(ref _ios);

    /// <summary>Bytes that were read or written.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>I/Os that ended with an error.</summary>
    public long Errors => Volatile.Read(ref _errors);

    /// <summary>Blocks that were read and were not what they must be.</summary>
    public long Miscompares => Volatile.Read(ref _miscompares);

    public void CountIo(long bytes)
    {
        Volatile.Write(ref _bytes, _bytes + bytes);
        Volatile.Write(ref _ios, _ios + 1);
    }

    public void CountError() => Volatile.Write(ref _errors, _errors + 1);

    public void CountMiscompare() => Volatile.Write(ref _miscompares, _miscompares + 1);
}

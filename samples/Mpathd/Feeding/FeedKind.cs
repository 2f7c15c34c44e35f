namespace Mpathd.Feeding;

/// <summary>What a record says of a path. The numbers are a contract with monitors, and only ever added to.</summary>
internal enum FeedKind : uint
{
    /// <summary>An I/O took so many nanoseconds on the path.</summary>
    Latency = 1,

    /// <summary>The weight of the path.</summary>
    Weight = 2,

    /// <summary>What its storage says of the path: 1 optimized, 2 non-optimized, 3 inaccessible.</summary>
    State = 3,

    /// <summary>The path has failed.</summary>
    Fail = 4,

    /// <summary>The path works again.</summary>
    Restore = 5,
}

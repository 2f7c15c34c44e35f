namespace LibMultipath.Selection;

/// <summary>
/// What is known of a path that nothing goes down grows old: one I/O now and then finds out whether it has become faster.
/// </summary>
internal static class Probe
{
    public const string Key = "probe";

    public static SelectorParameter Parameter { get; } =
        new(Key, "after how many milliseconds without I/O a path is tried, 0 for never", 1000, 0, 86_400_000);

    /// <summary>Whether a path that was last used then is to be tried.</summary>
    public static bool IsDue(long lastUsed, long probeMilliseconds) =>
        probeMilliseconds != 0 && lastUsed != 0 && Environment.TickCount64 - lastUsed >= probeMilliseconds;
}

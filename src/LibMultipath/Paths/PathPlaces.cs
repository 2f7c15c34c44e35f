namespace LibMultipath.Paths;

/// <summary>
/// Small numbers for paths, whose own each is from the path's addition until nothing of it is under way: what is kept of each
/// path can stand in an array, whichever heads they are of.
/// </summary>
internal static class PathPlaces
{
    private static readonly Lock s_lock = new();
    private static readonly PriorityQueue<int, int> s_free = new();
    private static int s_count;
    private static long s_serials;

    /// <summary>Takes the smallest that is free, and a serial number, from 1, that nobody ever gets again.</summary>
    public static (int Place, long Serial) Take()
    {
        lock (s_lock)
        {
            return (s_free.TryDequeue(out int place, out _) ? place : s_count++, ++s_serials);
        }
    }

    /// <summary>Gives one back.</summary>
    public static void Return(int place)
    {
        lock (s_lock)
        {
            s_free.Enqueue(place, place);
        }
    }
}

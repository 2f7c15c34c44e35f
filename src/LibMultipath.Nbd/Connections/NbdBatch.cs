namespace LibMultipath.Nbd.Connections;

/// <summary>
/// Holds back what this thread sends until it has dealt with everything that it has received at once: what completions
/// submit then goes with one system call a connection.
/// </summary>
internal static class NbdBatch
{
    [ThreadStatic]
    private static List<FrameSender>? t_waiting;

    [ThreadStatic]
    private static int t_depth;

    /// <summary>Begins to hold back.</summary>
    public static void Begin()
    {
        t_depth++;
        t_waiting ??= [];
    }

    /// <summary>Sends what was held back, if this is the outermost end.</summary>
    public static void End()
    {
        if (--t_depth != 0)
        {
            return;
        }

        List<FrameSender> waiting = t_waiting!;

        // By index: what is sent may have more sent.
        for (int i = 0; i < waiting.Count; i++)
        {
            waiting[i].Flush();
        }

        waiting.Clear();
    }

    /// <summary>Sends what a sender has: now, or when the thread has dealt with what it has received.</summary>
    public static void Flush(FrameSender sender)
    {
        if (t_depth == 0)
        {
            sender.Flush();
        }
        else if (!t_waiting!.Contains(sender))
        {
            t_waiting.Add(sender);
        }
    }
}

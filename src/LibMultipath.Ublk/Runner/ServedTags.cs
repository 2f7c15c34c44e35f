namespace LibMultipath.Ublk.Runner;

/// <summary>The tags of a queue that a thread serves.</summary>
/// <param name="QueueId">The queue, from 0.</param>
/// <param name="FirstTag">The first tag.</param>
/// <param name="TagCount">How many.</param>
internal readonly record struct ServedTags(int QueueId, int FirstTag, int TagCount)
{
    /// <summary>Shares the tags of a device out to threads, as evenly as it goes.</summary>
    /// <param name="queues">How many queues it has.</param>
    /// <param name="depth">How many tags each has.</param>
    /// <param name="threads">How many threads there are: at most as many as queues, or a multiple.</param>
    /// <returns>What each thread serves.</returns>
    public static List<ServedTags>[] Share(int queues, int depth, int threads)
    {
        List<ServedTags>[] shares = [.. Enumerable.Range(0, threads).Select(_ => new List<ServedTags>())];
        if (threads <= queues)
        {
            for (int queue = 0; queue < queues; queue++)
            {
                shares[queue % threads].Add(new ServedTags(queue, 0, depth));
            }

            return shares;
        }

        int each = threads / queues;
        for (int thread = 0; thread < threads; thread++)
        {
            int part = thread / queues;
            int first = depth * part / each;
            shares[thread].Add(new ServedTags(thread % queues, first, (depth * (part + 1) / each) - first));
        }

        return shares;
    }
}

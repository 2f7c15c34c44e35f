using LibMultipath.Paths;

namespace LibMultipath.Diagnostics;

/// <summary>The heads that are shown: each once, for however many have attached it.</summary>
internal static class ShownHeads
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<MpathHead, ShownHead> s_shown = [];

    public static IDisposable Attach(MpathHead head)
    {
        // Before the lock: an event source that is made tells listeners.
        MpathEventSource events = MpathEventSource.Log;
        lock (s_lock)
        {
            if (!s_shown.TryGetValue(head, out ShownHead? shown))
            {
                shown = new ShownHead(head, events);
                s_shown.Add(head, shown);
            }

            shown.Users++;
            return new Use(shown);
        }
    }

    private static void Release(ShownHead shown)
    {
        lock (s_lock)
        {
            if (--shown.Users > 0)
            {
                return;
            }

            s_shown.Remove(shown.Head);
            shown.Retire();
        }

        // Not under the lock: this waits for handlers, and a listener that they call may attach another head.
        shown.Dispose();
    }

    private sealed class Use(ShownHead shown) : IDisposable
    {
        private ShownHead? _shown = shown;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _shown, null) is { } shown)
            {
                Release(shown);
            }
        }
    }
}

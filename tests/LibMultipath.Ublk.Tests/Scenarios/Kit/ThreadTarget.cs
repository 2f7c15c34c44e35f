using LibMultipath.Ublk.Queues;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A target that remembers which thread served which queue and tag.</summary>
internal sealed class ThreadTarget(SafeFileHandle file) : FileTarget(file)
{
    private readonly Lock _lock = new();
    private readonly HashSet<(int Queue, int Tag, int Thread)> _seen = [];

    public IReadOnlyCollection<(int Queue, int Tag, int Thread)> Seen
    {
        get
        {
            lock (_lock)
            {
                return [.. _seen];
            }
        }
    }

    protected internal override void Handle(UblkRequest request)
    {
        lock (_lock)
        {
            _seen.Add((request.Queue.QueueId, request.Tag, Environment.CurrentManagedThreadId));
        }

        base.Handle(request);
    }
}

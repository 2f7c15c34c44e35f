using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A target that takes requests and never completes one.</summary>
internal sealed class SilentTarget : UblkTarget
{
    private readonly Lock _lock = new();
    private UblkRequest _last;
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    public UblkRequest Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    protected internal override void Handle(UblkRequest request)
    {
        lock (_lock)
        {
            _last = request;
        }

        Interlocked.Increment(ref _requests);
    }
}

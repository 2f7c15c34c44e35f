namespace LibMultipath.Tests.Torture;

/// <summary>Lets one thread sleep until there is something to do. Telling it costs a read while it is awake.</summary>
internal sealed class TortureWake : IDisposable
{
    private readonly AutoResetEvent _event = new(false);
    private int _sleeping;

    /// <summary>To be called before the last look; after it, <see cref="Sleep"/> or <see cref="Cancel"/>.</summary>
    public void Prepare() => Interlocked.Exchange(ref _sleeping, 1);

    public void Cancel() => Volatile.Write(ref _sleeping, 0);

    public void Sleep()
    {
        _event.WaitOne(TimeSpan.FromMilliseconds(100));
        Volatile.Write(ref _sleeping, 0);
    }

    /// <summary>To be called after what there is to do can be found, with a full fence in between.</summary>
    public void Set()
    {
        if (Volatile.Read(ref _sleeping) != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0)
        {
            _event.Set();
        }
    }

    public void Dispose() => _event.Dispose();
}

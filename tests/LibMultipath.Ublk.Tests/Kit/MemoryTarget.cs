using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Tests.Kit;

/// <summary>Reads zeroes, forgets what is written, and can be told to hold its requests back.</summary>
internal sealed class MemoryTarget : UblkTarget
{
    private readonly Lock _lock = new();
    private readonly List<UblkRequest> _held = [];
    private bool _holds;

    /// <summary>How many requests wait for <see cref="Release"/>.</summary>
    public int Held
    {
        get
        {
            lock (_lock)
            {
                return _held.Count;
            }
        }
    }

    /// <summary>From now on requests wait.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            _holds = true;
        }
    }

    /// <summary>Completes what waits, and lets the rest through.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _holds = false;
            _held.ForEach(Serve);
            _held.Clear();
        }
    }

    protected internal override void Handle(UblkRequest request)
    {
        lock (_lock)
        {
            if (_holds)
            {
                _held.Add(request);
                return;
            }
        }

        Serve(request);
    }

    private static void Serve(UblkRequest request)
    {
        if (request.Op == UblkOp.Read)
        {
            request.Data.Clear();
        }

        if (request.Op <= UblkOp.WriteZeroes)
        {
            request.Complete();
        }
        else
        {
            request.Fail(Errno.EOPNOTSUPP);
        }
    }
}

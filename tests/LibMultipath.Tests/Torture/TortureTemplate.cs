using System.Collections.Concurrent;
using LibMultipath.Paths;

namespace LibMultipath.Tests.Torture;

/// <summary>The driver's part of the head. It reads states anew on a thread of its own, and counts its holds.</summary>
internal class TortureTemplate : IMpathHeadTemplate, IMpathModule, IDisposable
{
    private readonly TortureVerdict _verdict;
    private readonly TortureRandom _random;
    private readonly BlockingCollection<MpathDevice> _toRead = [];
    private readonly Thread _thread;
    private int _holds;
    private int _everHeld;

    public TortureTemplate(TortureVerdict verdict, MpathIoPolicy policy, int seed)
    {
        _verdict = verdict;
        _random = new TortureRandom(seed, 4);
        Policy = policy;
        _thread = new Thread(Run) { IsBackground = true, Name = "torture-reread" };
        _thread.Start();
    }

    public MpathIoPolicy Policy { get; }

    public int Holds => Volatile.Read(ref _holds);

    public int EverHeld => Volatile.Read(ref _everHeld);

    public bool AvailablePath(MpathDevice path) => path.Controller.MayComeBack;

    public void RereadState(MpathDevice path) => _toRead.Add(path);

    public bool TryGetModule()
    {
        Interlocked.Increment(ref _holds);
        Interlocked.Increment(ref _everHeld);
        return true;
    }

    public void PutModule()
    {
        if (Interlocked.Decrement(ref _holds) < 0)
        {
            _verdict.Fail("A hold on the driver was given back that was never taken.");
        }
    }

    public void Dispose()
    {
        _toRead.CompleteAdding();
        _thread.Join();
        _toRead.Dispose();
    }

    private void Run()
    {
        foreach (MpathDevice path in _toRead.GetConsumingEnumerable())
        {
            Thread.SpinWait(_random.Next(20000));
            try
            {
                path.AccessState = _random.Chance(49152) ? MpathAccessState.Optimized : MpathAccessState.NonOptimized;
            }
            catch (Exception exception)
            {
                _verdict.Fail($"Setting an access state threw: {exception}");
            }
        }
    }
}

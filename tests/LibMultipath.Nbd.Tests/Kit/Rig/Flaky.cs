using LibMultipath.Paths;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>Lets the paths of an exported disk fail and come back in turn, for as long as it lives; one always works.</summary>
internal sealed class Flaky : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private int _failures;

    public Flaky(ExportRig rig)
    {
        _thread = new Thread(() =>
        {
            for (int turn = 0; !_stop.IsCancellationRequested; turn = 1 - turn)
            {
                MpathDevice path = rig.Devices[turn];
                rig.Paths[turn].IsUnplugged = true;
                _stop.Token.WaitHandle.WaitOne(1);
                path.SetDown();
                rig.Paths[turn].IsUnplugged = false;
                path.SetLive();
                Interlocked.Increment(ref _failures);
            }
        })
        { IsBackground = true, Name = "flaky" };
        _thread.Start();
    }

    public int Failures => Volatile.Read(ref _failures);

    public void Dispose()
    {
        _stop.Cancel();
        _thread.Join();
        _stop.Dispose();
    }
}

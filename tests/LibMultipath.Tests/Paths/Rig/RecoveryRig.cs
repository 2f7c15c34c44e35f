using LibMultipath.Paths;

namespace LibMultipath.Tests.Paths;

/// <summary>
/// A rig whose first path's controller can lose its connection. Attempts fail until the test lets them succeed; their
/// moments are kept, in seconds.
/// </summary>
internal sealed class RecoveryRig : IDisposable
{
    public RecoveryRig(int paths = 1, uint delay = 0, FailureTimes? times = null)
    {
        Rig = new Rig(paths, delay: delay);
        Controller.FailureTimes = times ?? new FailureTimes();
        Recovery = new ControllerRecovery(
            Controller,
            token =>
            {
                Moments.Add(Rig.Time.Elapsed.TotalSeconds);
                Tokens.Add(token);
                return OnConnect(token);
            },
            () =>
            {
                Losses++;
                OnLost?.Invoke();
            },
            Rig.Time,
            Rig.Log);
    }

    public Rig Rig { get; }

    public ControllerRecovery Recovery { get; }

    public MpathController Controller => Rig.Paths[0].Controller;

    /// <summary>What an attempt does.</summary>
    public Func<CancellationToken, Task> OnConnect { get; set; } = _ => throw new IOException("refused");

    public Action? OnLost { get; set; }

    public List<double> Moments { get; } = [];

    public List<CancellationToken> Tokens { get; } = [];

    public int Losses { get; private set; }

    /// <summary>The connection is lost, and what follows is done.</summary>
    public void Lose(string why = "reset")
    {
        Recovery.ConnectionLost(why);
        Rig.Work.RunAll();
    }

    public void Pass(double seconds) => Rig.Pass(TimeSpan.FromSeconds(seconds));

    /// <summary>As <see cref="Pass"/>, in steps of a quarter of a second, so that works run when they are due.</summary>
    public void Live(double seconds)
    {
        for (double passed = 0; passed < seconds; passed += 0.25)
        {
            Pass(0.25);
        }
    }

    public void Connects() => OnConnect = _ => Task.CompletedTask;

    public void Dispose()
    {
        Recovery.Dispose();
        Rig.Dispose();
    }
}

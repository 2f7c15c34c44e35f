using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mpathd.Runs;

/// <summary>
/// Ctrl-C and its kin (SIGINT, SIGTERM, SIGHUP): the first asks for a clean end, and sees to it that the process ends in
/// time even so; the second ends it at once. Made first of all, and never disposed: a signal may come until the last moment.
/// </summary>
internal sealed class Interruption
{
    /// <summary>How long a clean end of a run may take. The process is gone well within 2 seconds.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(1500);

    private readonly PosixSignalRegistration[] _registrations;
    private readonly ManualResetEventSlim _requested = new();
    private readonly CancellationTokenSource _cancellation = new();
    private readonly object _limitLock = new();
    private Func<ExitCode>? _lastWords;
    private long _since;
    private TimeSpan _limit = Limit;
    private int _signals;
    private volatile bool _hasTerminal = true;

    private Interruption(params PosixSignal[] signals) =>
        _registrations = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, OnSignal))];

    /// <summary>Whether the process was asked to end.</summary>
    public bool IsRequested => _requested.IsSet;

    /// <summary>How long ago it was asked to end; zero if it was not.</summary>
    public TimeSpan Since => IsRequested ? Stopwatch.GetElapsedTime(Volatile.Read(ref _since)) : TimeSpan.Zero;

    /// <summary>Set when the process was asked to end: for those who wait for something else as well.</summary>
    public WaitHandle Requested => _requested.WaitHandle;

    /// <summary>Cancelled when the process was asked to end: for what takes such a token.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Begins to listen.</summary>
    public static Interruption Listen() => new(PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP);

    /// <summary>One that no signal sets off, only <see cref="Request"/>.</summary>
    public static Interruption Deaf() => new();

    /// <summary>Waits until the process is asked to end. True if it was, false if the time is up.</summary>
    public bool Wait(TimeSpan timeout) => _requested.Wait(timeout);

    /// <summary>Asks for the end, as a signal does.</summary>
    public void Request()
    {
        Volatile.Write(ref _since, Stopwatch.GetTimestamp());
        _requested.Set();
        _cancellation.Cancel();
    }

    /// <summary>Lets a clean end take another time than <see cref="Limit"/>: a disk with users is not put away so fast.</summary>
    public void Allow(TimeSpan limit)
    {
        lock (_limitLock)
        {
            _limit = limit;
            Monitor.Pulse(_limitLock);
        }
    }

    /// <summary>
    /// From now on, what a terminal sends to all its processes (SIGINT, SIGHUP) is for whoever has started this one, and
    /// ends it; SIGTERM is meant.
    /// </summary>
    public void LeaveTerminal() => _hasTerminal = false;

    /// <summary>Sets what is said when a clean end takes too long, before the process ends all the same.</summary>
    /// <param name="lastWords">It must not block; it says how the process ends.</param>
    public void SetLastWords(Func<ExitCode> lastWords) => Volatile.Write(ref _lastWords, lastWords);

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!_hasTerminal && context.Signal != PosixSignal.SIGTERM)
        {
            return;
        }

        if (Interlocked.Increment(ref _signals) > 1)
        {
            Environment.Exit((int)ExitCode.Interrupted);
        }

        Request();
        new Thread(EndInTime) { IsBackground = true, Name = "interruption" }.Start();
    }

    private void EndInTime()
    {
        lock (_limitLock)
        {
            for (TimeSpan left = _limit - Since; left > TimeSpan.Zero; left = _limit - Since)
            {
                // In whole milliseconds, so not for none of them.
                Monitor.Wait(_limitLock, left + TimeSpan.FromMilliseconds(1));
            }
        }

        Environment.Exit((int)SayLastWords());
    }

    private ExitCode SayLastWords()
    {
        try
        {
            return Volatile.Read(ref _lastWords)?.Invoke() ?? ExitCode.Interrupted;
        }
        catch (MpathdException exception)
        {
            return exception.Tell(Console.Error);
        }
    }
}

using System.Runtime.ExceptionServices;

namespace LibMultipath.Tests.Reclamation;

/// <summary>A thread of the test's own, which no pool may reuse, and whose exceptions reach the test.</summary>
internal sealed class OtherThread
{
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;

    private OtherThread(Action action)
    {
        _thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
        };
        _thread.Start();
    }

    /// <summary>Whether the thread sleeps in a wait, as opposed to running or having ended.</summary>
    internal bool Sleeps => (_thread.ThreadState & ThreadState.WaitSleepJoin) != 0;

    internal static OtherThread Start(Action action) => new(action);

    /// <summary>Runs the action on a new thread, which has ended when this returns.</summary>
    internal static void Run(Action action) => new OtherThread(action).Join();

    internal static T Run<T>(Func<T> function)
    {
        T result = default!;
        Run(() => { result = function(); });
        return result;
    }

    internal void Join() => Join(TimeSpan.FromMinutes(1));

    internal void Join(TimeSpan limit)
    {
        Assert.True(_thread.Join(limit), "The thread hangs.");
        _failure?.Throw();
    }
}

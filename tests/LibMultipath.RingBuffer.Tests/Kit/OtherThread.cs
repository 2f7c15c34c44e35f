using System.Runtime.ExceptionServices;

namespace LibMultipath.RingBuffer.Tests.Kit;

/// <summary>Something that goes on on a thread of its own; ended, or the test fails.</summary>
internal sealed class OtherThread : IDisposable
{
    private readonly Thread _thread;
    private Exception? _exception;

    public OtherThread(Action action)
    {
        _thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                _exception = exception;
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    public bool IsAlive => _thread.IsAlive;

    /// <summary>Waits until it has ended, and throws what it has thrown.</summary>
    public void Join()
    {
        Assert.True(_thread.Join(TimeSpan.FromSeconds(60)), "A thread of the test does not end.");
        if (_exception is not null)
        {
            ExceptionDispatchInfo.Throw(_exception);
        }
    }

    public void Dispose() => Join();
}

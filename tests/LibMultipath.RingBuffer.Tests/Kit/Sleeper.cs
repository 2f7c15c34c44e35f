using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;

namespace LibMultipath.RingBuffer.Tests.Kit;

/// <summary>Sleeps as one side does that waits for the other, and never looks again, until it is woken.</summary>
internal sealed unsafe class Sleeper : IDisposable
{
    private readonly uint* _word;
    private readonly int* _sleepers;
    private readonly OtherThread _thread;
    private int _id;

    /// <summary>Sleeps when this returns.</summary>
    /// <param name="word">What it sleeps on.</param>
    /// <param name="sleepers">Where it is counted.</param>
    public Sleeper(uint* word, int* sleepers)
    {
        _word = word;
        _sleepers = sleepers;
        Interlocked.Increment(ref *sleepers);
        _thread = new OtherThread(() =>
        {
            Volatile.Write(ref _id, Threads.Current);
            uint seen = Volatile.Read(ref *word);
            Errno error;
            do
            {
                error = Futex.Wait(word, seen, 60_000);
            }
            while (error == Errno.EINTR);

            Assert.Equal(Errno.None, error);
        });
        Eventually.True(() => Volatile.Read(ref _id) != 0 && Sleeps, "the sleeper to sleep");
    }

    public bool Sleeps => Threads.SleepsOnSharedMemory(Volatile.Read(ref _id));

    public void AssertWoken() => _thread.Join();

    public void Dispose()
    {
        Interlocked.Decrement(ref *_sleepers);
        Futex.Wake(_word);
        _thread.Dispose();
    }
}

using System.Net;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;

namespace LibMultipath.Nbd.Tests.Fuzz;

/// <summary>A client that does nothing wrong, on a thread of its own: writes, reads and compares, on one connection, until it is stopped.</summary>
internal sealed class GoodClient : IDisposable
{
    private readonly RawClient _client;
    private readonly Thread _thread;
    private volatile bool _stop;
    private Exception? _fault;
    private int _rounds;

    public GoodClient(EndPoint server, string export, int seed)
    {
        _client = RawClient.Of(server, export);
        _thread = new Thread(() =>
        {
            try
            {
                Run(new Random(seed));
            }
            catch (Exception exception)
            {
                _fault = exception;
            }
        })
        { IsBackground = true, Name = "good client" };
        _thread.Start();
    }

    public int Rounds => Volatile.Read(ref _rounds);

    /// <summary>Ends it; the test fails if anything was wrong.</summary>
    public void AssertGood()
    {
        _stop = true;
        Assert.True(_thread.Join(Eventually.Limit), "The good client hangs.");
        Assert.True(_fault is null, $"The good client was disturbed after {Rounds} rounds: {_fault}");
        Assert.True(Rounds > 0);
    }

    public void Dispose()
    {
        _stop = true;
        _client.Dispose();
        _thread.Join();
    }

    private void Run(Random random)
    {
        while (!_stop)
        {
            ulong offset = (ulong)random.Next(1024) * 512;
            byte[] data = Data.Random(random.Next(1, 129) * 512, random.Next());
            _client.WriteAt(offset, data);
            Assert.Equal(data, _client.ReadAt(offset, data.Length));
            Interlocked.Increment(ref _rounds);

            // It is to be there all the time, and not to have the machine to itself.
            Thread.Sleep(1);
        }
    }
}

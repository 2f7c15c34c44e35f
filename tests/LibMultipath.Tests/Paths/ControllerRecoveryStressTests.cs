using System.Collections.Concurrent;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Paths;

/// <summary>
/// Connections that are lost, made, stopped and given up at random, from several threads, under I/O, with the library's own
/// threads: whatever happens, states are legal, nothing happens after the end, and no I/O is left behind.
/// </summary>
public sealed class ControllerRecoveryStressTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_happens_at_the_same_time_no_io_is_left_behind_and_no_attempt_comes_after_the_end()
    {
        int seed = Seeds.Next(output);
        for (int round = 0; round < 30; round++)
        {
            new Round(unchecked(seed + round)).Run();
        }
    }

    private sealed class Round : IDisposable
    {
        private readonly Random _random;
        private readonly MpathHead _head;
        private readonly MpathDisk _disk;
        private readonly MpathController _controller = new(1);
        private readonly MpathDevice _path;
        private readonly ControllerRecovery _recovery;
        private readonly ConcurrentBag<Io> _ios = [];
        private readonly ConcurrentBag<Exception> _faults = [];
        private int _inConnect;
        private int _losses;
        private int _stops;
        private bool _over;
        private bool _attemptAfterEnd;

        public Round(int seed)
        {
            _random = new Random(seed);
            _head = new MpathHead("head", new TestTemplate());
            _disk = new MpathDisk(_head);
            _path = new MpathDevice(_controller, new TestDisk("path"));
            _recovery = new ControllerRecovery(_controller, ConnectAsync, () => Interlocked.Increment(ref _losses));
            _head.Add(_path);
            _path.SetLive();
        }

        public void Run()
        {
            int[] seeds = [.. Enumerable.Range(0, 4).Select(_ => _random.Next())];
            Thread[] threads = [.. seeds.Select((seed, number) => new Thread(() => Play(new Random(seed), number)))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => Assert.True(thread.Join(Eventually.Limit), "A thread hangs."));
            Assert.Empty(_faults);

            // A lost connection is found again, or given up; then all I/O has ended, in one way or the other.
            _controller.FailureTimes = new FailureTimes { ReconnectDelay = TimeSpan.FromMilliseconds(1) };
            _head.FailureTimes = new FailureTimes();
            Interlocked.Increment(ref _stops);
            _recovery.Stop();
            _recovery.ConnectionLost("for the last time");
            Eventually.True(() => _controller.State == MpathControllerState.Live && !_recovery.IsRecovering, "the controller to come back");
            Eventually.True(() => _ios.All(io => io.HasEnded), "every I/O to end");
            Assert.All(_ios, io => Assert.True(io.Ends == 1 && io.Status is BlockStatus.Ok or BlockStatus.IoError, $"{io.Ends} ends with {io.Status}."));

            // An attempt of before may have told of one more loss.
            Eventually.True(() => !_controller.IsFastFailExpired && !_head.IsFastFailExpired && _path.IsUsable, "the path to be usable");

            _recovery.ConnectionLost("after all");
            _recovery.Dispose();
            Volatile.Write(ref _over, true);
            _recovery.ConnectionLost("too late");
            _recovery.RetryNow();
            Assert.False(_recovery.IsRecovering);
            Eventually.True(() => Volatile.Read(ref _inConnect) == 0, "the last attempt to return");

            // What was given up begins anew only after a stop.
            Assert.InRange(Volatile.Read(ref _losses), 0, Volatile.Read(ref _stops) + 1);
            Assert.False(Volatile.Read(ref _attemptAfterEnd), "An attempt was made after the end.");
            Dispose();
        }

        public void Dispose()
        {
            _head.Remove(_path);
            _disk.Dispose();
            _head.Dispose();
            _recovery.Dispose();
        }

        private void Play(Random random, int number)
        {
            try
            {
                for (int i = 0; i < 60; i++)
                {
                    PlayOne(random, number);
                    Assert.True(Enum.IsDefined(_controller.State));
                    Assert.False(_recovery.UntilNextAttempt < TimeSpan.Zero);
                }
            }
            catch (Exception fault)
            {
                _faults.Add(fault);
            }
        }

        private void PlayOne(Random random, int number)
        {
            switch (random.Next(12))
            {
                case 0:
                case 1:
                case 2:
                    _recovery.ConnectionLost($"by {number}");
                    break;
                case 3:
                    Interlocked.Increment(ref _stops);
                    _recovery.Stop();
                    _recovery.ConnectionLost($"restarted by {number}");
                    break;
                case 4:
                    _recovery.RetryNow();
                    break;
                case 5:
                    _controller.FailureTimes = Times(random) with { Loss = TimeSpan.FromMilliseconds(random.Next(3)) };
                    break;
                case 6:
                    _controller.FailureTimes = Times(random);
                    break;
                case 7:
                    _head.FailureTimes = Times(random) with { Loss = null };
                    break;
                default:
                    var io = new Io(Bio.Rent(BioOp.Read, 0, new byte[512]));
                    _ios.Add(io);
                    _disk.Submit(io.Bio);
                    break;
            }
        }

        private static FailureTimes Times(Random random) => new()
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(1 + random.Next(3)),
            FastIoFail = random.Next(3) == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(random.Next(4)),
        };

        private async Task ConnectAsync(CancellationToken token)
        {
            Interlocked.Increment(ref _inConnect);
            try
            {
                if (Volatile.Read(ref _over) && !token.IsCancellationRequested)
                {
                    Volatile.Write(ref _attemptAfterEnd, true);
                }

                switch (Random.Shared.Next(4))
                {
                    case 0: throw new IOException("refused");
                    case 1: await Task.Delay(TimeSpan.FromMilliseconds(1), token); break;
                    case 2: _recovery.ConnectionLost("while it was made"); break;
                }
            }
            finally
            {
                Interlocked.Decrement(ref _inConnect);
            }
        }
    }
}

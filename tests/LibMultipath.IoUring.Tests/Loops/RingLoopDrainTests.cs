using LibMultipath.Block;
using LibMultipath.IoUring.Loops;
using LibMultipath.IoUring.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Loops;

/// <summary>How what is under way ends before its loop does.</summary>
public sealed unsafe class RingLoopDrainTests : IDisposable
{
    private readonly Pipe _pipe = Native.Pipe();
    private readonly MappedMemory _memory = MappedMemory.Anonymous(4096);

    public void Dispose()
    {
        _pipe.Dispose();
        _memory.Dispose();
    }

    [Fact]
    public void Disposing_a_loop_ends_what_is_under_way_on_it()
    {
        var operations = new List<Operation>();
        using (var loop = new RingLoop())
        {
            loop.Attach();
            for (int i = 0; i < 100; i++)
            {
                operations.Add(new Operation());
                PrepareRead(loop, operations[^1]);
            }

            loop.Poll(TimeSpan.Zero);
            PrepareRead(loop, new Operation());
        }

        Assert.Null(RingLoop.Current);
        Assert.All(operations, operation => Assert.Equal([-(int)Errno.ECANCELED], operation.Results));
        Assert.All(operations, operation => Assert.False(operation.IsUnderWay));
    }

    [Fact]
    public void A_drained_loop_goes_on()
    {
        using var loop = new RingLoop();
        loop.Attach();
        RingLoop? current = loop;
        bool draining = false;
        var operation = new Operation((_, _) => (current, draining) = (RingLoop.Current, loop.IsDraining));
        PrepareRead(loop, operation);
        Assert.True(loop.Drain(Timeout.InfiniteTimeSpan));
        Assert.Equal([-(int)Errno.ECANCELED], operation.Results);
        Assert.Null(current);
        Assert.True(draining);
        Assert.False(loop.IsDraining);
        Assert.Same(loop, RingLoop.Current);

        PrepareRead(loop, operation);
        Native.Write(_pipe.Write, [1]);
        while (operation.IsUnderWay)
        {
            loop.Poll(Timeout.InfiniteTimeSpan);
        }

        Assert.Equal([-(int)Errno.ECANCELED, 1], operation.Results);
        Assert.True(loop.Drain(TimeSpan.Zero));
    }

    [Fact]
    public void What_is_posted_while_it_drains_runs_afterwards()
    {
        using var loop = new RingLoop();
        loop.Attach();
        bool ran = false;
        var work = new PostedWork(() => ran = true);
        PrepareRead(loop, new Operation((_, _) => loop.Post(work)));
        Assert.True(loop.Drain(Timeout.InfiniteTimeSpan));
        Assert.False(ran);
        loop.Poll(TimeSpan.Zero);
        Assert.True(ran);
    }

    [Fact]
    public void An_operation_that_begins_anew_meanwhile_is_cancelled_anew()
    {
        int left = 5;
        using var loop = new RingLoop();
        loop.Attach();
        Operation? operation = null;
        operation = new Operation((_, _) =>
        {
            if (left-- > 0)
            {
                PrepareRead(loop, operation!);
            }
        });
        PrepareRead(loop, operation);
        Assert.True(loop.Drain(Timeout.InfiniteTimeSpan));
        Assert.Equal(Enumerable.Repeat(-(int)Errno.ECANCELED, 6), operation.Results);
    }

    [Fact]
    public void An_exception_of_a_completion_leaves_when_all_have_completed()
    {
        using var loop = new RingLoop();
        loop.Attach();
        Operation[] operations = [.. Enumerable.Range(0, 5).Select(i => new Operation((_, _) => throw new InvalidDataException($"{i}")))];
        Array.ForEach(operations, operation => PrepareRead(loop, operation));
        Assert.Equal("0", Assert.Throws<InvalidDataException>(() => loop.Drain(Timeout.InfiniteTimeSpan)).Message);
        Assert.All(operations, operation => Assert.Single(operation.Results));

        PrepareRead(loop, operations[0]);
        Assert.Throws<InvalidDataException>(loop.Dispose);
        Assert.True(loop.Ring.IsDisposed);
        loop.Dispose();
    }

    [Fact]
    public void Disposed_on_another_thread_a_loop_leaves_what_is_under_way_alone()
    {
        RingLoop? loop = null;
        var operation = new Operation();
        Assert.Null(OtherThread.Run(() =>
        {
            loop = new RingLoop();
            loop.Attach();
            PrepareRead(loop, operation);
            loop.Poll(TimeSpan.Zero);
            loop.Detach();
        }));
        loop!.Dispose();
        Assert.True(loop.Ring.IsDisposed);
        Assert.Empty(operation.Results);
    }

    private void PrepareRead(RingLoop loop, RingOperation operation) =>
        loop.Prepare(operation).PrepRead((int)_pipe.Read.DangerousGetHandle(), _memory.Address, 1, ulong.MaxValue);
}

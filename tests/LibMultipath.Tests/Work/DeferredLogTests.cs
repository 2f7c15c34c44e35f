using LibMultipath.Tests.Kit;
using LibMultipath.Work;

namespace LibMultipath.Tests.Work;

public sealed class DeferredLogTests
{
    [Fact]
    public void Messages_are_written_later_and_in_order()
    {
        var scheduler = new ManualScheduler();
        var log = new DeferredLog(scheduler);
        List<int> written = [];
        for (int i = 0; i < 5; i++)
        {
            int number = i;
            log.Write(() => written.Add(number));
        }

        Assert.Empty(written);
        Assert.True(scheduler.RunOne());
        Assert.False(scheduler.RunOne());
        Assert.Equal([0, 1, 2, 3, 4], written);
    }

    [Fact]
    public void A_message_that_blocks_keeps_nobody_from_writing()
    {
        using var release = new ManualResetEventSlim();
        using var last = new ManualResetEventSlim();
        var log = new DeferredLog(WorkScheduler.Default);
        log.Write(release.Wait);
        log.Write(last.Set);
        Assert.False(last.IsSet);
        release.Set();
        Assert.True(last.Wait(Eventually.Limit));
    }

    [Fact]
    public void A_message_that_throws_does_not_keep_the_next_from_being_written()
    {
        var scheduler = new ManualScheduler();
        var log = new DeferredLog(scheduler);
        bool written = false;
        log.Write(() => throw new InvalidDataException("a logger's"));
        log.Write(() => written = true);
        scheduler.RunOne();
        scheduler.RunOne();
        Assert.True(written);
    }
}

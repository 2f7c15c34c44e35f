using LibMultipath.Block;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Block;

public sealed class RetryTests
{
    private static readonly TimeSpan s_millisecond = TimeSpan.FromMilliseconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly Endings _endings = new();

    [Fact]
    public void A_bio_is_retried_five_times_and_then_done()
    {
        var disk = new TestDisk(timeProvider: _time) { OnSubmit = attempt => attempt.RetryHere(BlockStatus.DeviceResource, s_millisecond) };
        using Bio bio = NewBio(0);

        disk.Submit(bio);
        for (int tries = 1; tries <= 5; tries++)
        {
            Assert.Equal(tries, disk.Seen.Length);
            Assert.Equal(0, _endings.Count);
            _time.Advance(s_millisecond);
        }

        Assert.Equal(6, disk.Seen.Length);
        Assert.Equal(BlockStatus.DeviceResource, _endings.Only);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(6, disk.Seen.Length);
    }

    [Fact]
    public void The_retries_of_one_submission_are_not_held_against_the_next()
    {
        var disk = new TestDisk(timeProvider: _time) { OnSubmit = attempt => attempt.RetryHere(BlockStatus.Resource, s_millisecond) };
        using Bio bio = NewBio(0);

        for (int submission = 1; submission <= 3; submission++)
        {
            disk.Submit(bio);
            for (int i = 0; i < 5; i++)
            {
                _time.Advance(s_millisecond);
            }

            Assert.Equal(submission, _endings.Count);
            Assert.Equal(submission * 6, disk.Seen.Length);
        }
    }

    [Fact]
    public void A_retry_waits_for_its_delay()
    {
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio(0);

        disk.Submit(bio);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMilliseconds(20));
        _time.Advance(TimeSpan.FromMilliseconds(19));
        Assert.Empty(disk.Held);
        _time.Advance(s_millisecond);
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, _endings.Only);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1000)]
    public void Without_a_delay_a_retry_waits_three_milliseconds(int delay)
    {
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio(0);

        disk.Submit(bio);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMilliseconds(delay));

        Assert.Equal(TimeSpan.FromMilliseconds(3), _time.NextDue);
        _time.Advance(TimeSpan.FromMilliseconds(3));
        disk.TakeHeld().Complete(BlockStatus.Ok);
    }

    [Fact]
    public void A_delay_is_bounded()
    {
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio(0);

        disk.Submit(bio);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.MaxValue);

        Assert.Equal(TimeSpan.FromMinutes(10), _time.NextDue);
        _time.Advance(TimeSpan.FromMinutes(10));
        disk.TakeHeld().Complete(BlockStatus.Ok);
        Assert.Equal(BlockStatus.Ok, _endings.Only);
    }

    [Fact]
    public void Retries_come_when_they_are_due_on_one_timer()
    {
        var disk = new TestDisk(timeProvider: _time);
        int[] delays = [30, 10, 20, 10];
        Bio[] bios = [.. delays.Select((_, i) => NewBio(i * 8))];
        foreach (Bio bio in bios)
        {
            disk.Submit(bio);
        }

        foreach (int delay in delays)
        {
            disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMilliseconds(delay));
            Assert.Equal(1, _time.ArmedTimers);
        }

        Assert.Equal(TimeSpan.FromMilliseconds(10), _time.NextDue);
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal([8L, 24], TakeSectors(disk));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal([16L], TakeSectors(disk));
        _time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal([0L], TakeSectors(disk));

        Assert.Equal(4, _endings.Count);
        Assert.Equal(0, _time.ArmedTimers);
    }

    [Fact]
    public void A_timer_that_fires_late_gives_back_all_that_are_due()
    {
        var disk = new TestDisk(timeProvider: _time);
        using Bio first = NewBio(0);
        using Bio second = NewBio(8);
        disk.Submit(first);
        disk.Submit(second);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMilliseconds(5));
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMilliseconds(6));

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([0L, 8], TakeSectors(disk));
        Assert.Equal(2, _endings.Count);
    }

    [Fact]
    public void A_delay_finer_than_the_timer_is_waited_for_in_full()
    {
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio(0);
        disk.Submit(bio);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMicroseconds(1500));

        _time.Advance(TimeSpan.FromMicroseconds(1499));
        Assert.Empty(disk.Held);
        _time.Advance(s_millisecond);

        Assert.Equal([0L], TakeSectors(disk));
    }

    [Fact]
    public void Flushing_gives_back_at_once_what_waits()
    {
        var disk = new TestDisk(timeProvider: _time);
        using Bio first = NewBio(0);
        using Bio second = NewBio(8);
        disk.Submit(first);
        disk.Submit(second);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromMinutes(1));
        disk.TakeHeld().RetryHere(BlockStatus.Resource, TimeSpan.FromSeconds(1));

        disk.FlushRetries();

        Assert.Equal([0L, 8], TakeSectors(disk));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Empty(disk.Held);
        Assert.Equal(2, _endings.Count);
    }

    [Theory]
    [InlineData(BioFlags.FailFastDev)]
    [InlineData(BioFlags.FailFastTransport)]
    [InlineData(BioFlags.FailFastDriver)]
    [InlineData(BioFlags.FailFastMask)]
    public void A_bio_that_must_fail_fast_is_not_retried(BioFlags flags)
    {
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio(0);
        bio.Flags = flags;

        disk.Submit(bio);
        disk.TakeHeld().RetryHere(BlockStatus.Resource);

        Assert.Equal(BlockStatus.Resource, _endings.Only);
    }

    [Fact]
    public void A_bio_that_must_not_wait_ends_with_again_instead()
    {
        var disk = new TestDisk(timeProvider: _time);
        using Bio bio = NewBio(0);
        bio.Flags = BioFlags.NoWait;

        disk.Submit(bio);
        disk.TakeHeld().RetryHere(BlockStatus.Resource, s_millisecond);
        disk.Submit(bio);
        disk.TakeHeld().Complete(BlockStatus.Medium);

        Assert.Equal([BlockStatus.Again, BlockStatus.Medium], _endings.Statuses);
    }

    [Fact]
    public void The_parts_of_a_bio_are_retried_each_by_itself()
    {
        int calls = 0;
        var disk = new TestDisk(new QueueLimits { MaxSectors = 8 }, timeProvider: _time)
        {
            OnSubmit = attempt =>
            {
                if (++calls == 2)
                {
                    attempt.RetryHere(BlockStatus.Resource, s_millisecond);
                }
                else
                {
                    attempt.Complete(BlockStatus.Ok);
                }
            },
        };
        using Bio bio = _endings.Watch(Bio.Rent(BioOp.Read, 0, new byte[3 * 4096]));

        disk.Submit(bio);
        Assert.Equal(0, _endings.Count);
        _time.Advance(s_millisecond);

        Assert.Equal(BlockStatus.Ok, _endings.Only);
        Assert.Equal([0L, 8, 16, 8], disk.Seen.Select(seen => seen.Sector));
    }

    [Fact]
    public void The_timer_does_not_keep_the_context_of_the_submitter()
    {
        var local = new AsyncLocal<string?>();
        string? seen = "unset";
        bool first = true;
        var disk = new TestDisk(timeProvider: _time)
        {
            OnSubmit = attempt =>
            {
                if (first)
                {
                    first = false;
                    attempt.RetryHere(BlockStatus.Resource, s_millisecond);
                    return;
                }

                seen = local.Value;
                attempt.Complete(BlockStatus.Ok);
            },
        };
        using Bio bio = NewBio(0);
        local.Value = "the submitter's";
        disk.Submit(bio);
        local.Value = null;

        _time.Advance(s_millisecond);

        Assert.Equal(BlockStatus.Ok, _endings.Only);
        Assert.Null(seen);
    }

    private long[] TakeSectors(TestDisk disk)
    {
        var sectors = new List<long>();
        while (disk.Held.TryDequeue(out BioAttempt attempt))
        {
            sectors.Add(attempt.Bio.Sector);
            attempt.Complete(BlockStatus.Ok);
        }

        return [.. sectors];
    }

    private Bio NewBio(long sector) => _endings.Watch(Bio.Rent(BioOp.Read, sector, new byte[512]));
}

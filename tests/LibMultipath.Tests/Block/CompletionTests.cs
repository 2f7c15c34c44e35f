using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Reclamation;
using Microsoft.Extensions.Logging;

namespace LibMultipath.Tests.Block;

// The count of stale completions is the process's.
[Collection(AloneCollection.Name)]
public sealed class CompletionTests
{
    private readonly LogRecorder _log = new();
    private readonly Endings _endings = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_second_completion_is_counted_logged_and_ignored()
    {
        var disk = new TestDisk(logger: _log);
        using Bio bio = NewBio();
        long before = BlockDevice.StaleCompletions;

        disk.Submit(bio);
        BioAttempt attempt = disk.TakeHeld();
        Assert.True(attempt.IsUnderWay);
        Assert.True(attempt.Complete(BlockStatus.Medium));
        Assert.False(attempt.IsUnderWay);
        Assert.False(attempt.Complete(BlockStatus.Ok));
        Assert.False(attempt.FailPath(BlockStatus.Transport));
        Assert.False(attempt.RetryHere(BlockStatus.Resource));

        Assert.Equal(BlockStatus.Medium, _endings.Only);
        Assert.Equal(BlockStatus.Medium, bio.Status);
        Assert.Equal(before + 3, BlockDevice.StaleCompletions);
        Assert.Equal(3, _log.Count(200));
        Assert.Contains(_log.Entries, entry => entry.Level == LogLevel.Error && entry.Text.Contains("BLK_STS_TRANSPORT"));
    }

    [Fact]
    public void A_completion_of_an_attempt_before_a_retry_is_ignored()
    {
        var disk = new TestDisk(timeProvider: _time, logger: _log);
        using Bio bio = NewBio();
        long before = BlockDevice.StaleCompletions;

        disk.Submit(bio);
        BioAttempt first = disk.TakeHeld();
        Assert.True(first.RetryHere(BlockStatus.Resource));
        Assert.False(first.Complete(BlockStatus.Ok));
        _time.Advance(TimeSpan.FromSeconds(1));
        BioAttempt second = disk.TakeHeld();
        Assert.False(first.Complete(BlockStatus.Ok));
        Assert.Equal(0, _endings.Count);
        Assert.True(bio.IsSubmitted);
        Assert.NotEqual(first, second);
        Assert.True(second.Complete(BlockStatus.Ok));

        Assert.Equal(BlockStatus.Ok, _endings.Only);
        Assert.Equal(before + 2, BlockDevice.StaleCompletions);
        Assert.Equal(2, _log.Count(200));
    }

    [Fact]
    public void A_completion_of_an_earlier_life_of_a_pooled_bio_is_ignored()
    {
        var disk = new TestDisk(logger: _log);
        long before = BlockDevice.StaleCompletions;
        Bio first = NewBio();
        disk.Submit(first);
        BioAttempt stale = disk.TakeHeld();
        Assert.True(stale.Complete(BlockStatus.Ok));
        first.Dispose();

        // The pool gives the bio out again sooner or later; the others are kept, so that it must be this one.
        var rented = new List<Bio>();
        Bio second;
        do
        {
            second = NewBio();
            rented.Add(second);
            Assert.True(rented.Count < 5000, "The pool does not give the bio out again.");
        }
        while (!ReferenceEquals(second, first));

        disk.Submit(second);
        BioAttempt current = disk.TakeHeld();
        Assert.False(stale.Complete(BlockStatus.Target));
        Assert.False(stale.IsUnderWay);
        Assert.True(second.IsSubmitted);
        Assert.True(current.Complete(BlockStatus.Ok));

        Assert.Equal([BlockStatus.Ok, BlockStatus.Ok], _endings.Statuses);
        Assert.Equal(before + 1, BlockDevice.StaleCompletions);
        Assert.Equal(1, _log.Count(200));
        rented.ForEach(bio => bio.Dispose());
    }

    [Fact]
    public async Task Of_many_that_end_an_attempt_at_once_one_does()
    {
        long before = BlockDevice.StaleCompletions;
        var disk = new TestDisk();
        using Bio bio = NewBio();
        int won = 0;
        const int rounds = 200;
        const int threads = 4;
        for (int round = 0; round < rounds; round++)
        {
            disk.Submit(bio);
            BioAttempt attempt = disk.TakeHeld();
            using var start = new Barrier(threads);
            Task[] tasks = [.. Enumerable.Range(0, threads).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    if (attempt.Complete(BlockStatus.Ok))
                    {
                        Interlocked.Increment(ref won);
                    }
                },
                TaskCreationOptions.LongRunning))];
            await Task.WhenAll(tasks).WaitAsync(Eventually.Limit);
        }

        Assert.Equal(rounds, won);
        Assert.Equal(rounds, _endings.Count);
        Assert.Equal(before + ((threads - 1) * rounds), BlockDevice.StaleCompletions);
    }

    [Fact]
    public void An_attempt_that_never_was_can_be_ended_without_harm()
    {
        long before = BlockDevice.StaleCompletions;
        BioAttempt none = default;

        Assert.False(none.IsUnderWay);
        Assert.False(none.Complete(BlockStatus.Ok));
        Assert.Equal(before + 1, BlockDevice.StaleCompletions);
        Assert.Equal(default, none);
        Assert.Equal(default(BioAttempt).GetHashCode(), none.GetHashCode());
    }

    [Fact]
    public void A_storm_of_stale_completions_is_logged_ten_times_a_disk()
    {
        var disk = new TestDisk(logger: _log);
        using Bio bio = NewBio();
        disk.Submit(bio);
        BioAttempt attempt = disk.TakeHeld();
        attempt.Complete(BlockStatus.Ok);

        for (int i = 0; i < 100; i++)
        {
            attempt.Complete(BlockStatus.Ok);
        }

        // More only if the window of five seconds has passed meanwhile, which begins a new count.
        Assert.InRange(_log.Count(200), 10, 99);
    }

    [Fact]
    public void A_driver_that_throws_fails_the_attempt_once()
    {
        var disk = new TestDisk(logger: _log) { OnSubmit = _ => throw new NotSupportedException("broken") };
        using Bio bio = NewBio();

        disk.Submit(bio);

        Assert.Equal(BlockStatus.IoError, _endings.Only);
        Assert.Equal(1, _log.Count(201));
        Assert.IsType<NotSupportedException>(_log.Entries.Single(entry => entry.Id == 201).Exception);
        disk.Submit(bio);
        Assert.Equal(2, _endings.Count);
    }

    [Fact]
    public void A_driver_that_throws_after_it_has_ended_the_attempt_changes_nothing()
    {
        var disk = new TestDisk(logger: _log)
        {
            OnSubmit = attempt =>
            {
                attempt.Complete(BlockStatus.Ok);
                throw new NotSupportedException("too late");
            },
        };
        using Bio bio = NewBio();

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Ok, _endings.Only);
        Assert.Equal(1, _log.Count(201));
    }

    [Fact]
    public void A_callback_that_throws_hurts_nobody()
    {
        var disk = new TestDisk(logger: _log);
        using Bio bad = NewBio();
        using Bio good = NewBio();
        bad.EndIo = _ => throw new InvalidCastException("mine");

        disk.Submit(bad);
        disk.Submit(good);
        Assert.True(disk.TakeHeld().Complete(BlockStatus.Ok));
        Assert.True(disk.TakeHeld().Complete(BlockStatus.Ok));

        Assert.False(bad.IsSubmitted);
        Assert.Equal(BlockStatus.Ok, _endings.Only);
        Assert.Equal(1, _log.Count(202));
        Assert.IsType<InvalidCastException>(_log.Entries.Single(entry => entry.Id == 202).Exception);
    }

    [Fact]
    public void A_callback_that_throws_inside_the_submission_hurts_neither_driver_nor_submitter()
    {
        var disk = new TestDisk(logger: _log) { OnSubmit = attempt => attempt.Complete(BlockStatus.Ok) };
        using Bio bio = NewBio();
        bio.EndIo = _ => throw new InvalidCastException("mine");

        disk.Submit(bio);

        Assert.False(bio.IsSubmitted);
        Assert.Equal(1, _log.Count(202));
        Assert.Equal(0, _log.Count(201));
        bio.EndIo = _endings.Note;
        disk.Submit(bio);
        Assert.Equal(BlockStatus.Ok, _endings.Only);
    }

    [Fact]
    public void A_bio_may_be_given_back_from_its_own_callback()
    {
        TestDisk disk = TestDisk.Inline();
        Bio bio = NewBio();
        bio.EndIo = ended =>
        {
            _endings.Note(ended);
            ended.Dispose();
        };

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Ok, _endings.Only);
    }

    [Theory]
    [MemberData(nameof(BlockStatusTests.Table), MemberType = typeof(BlockStatusTests))]
    public void A_driver_that_knows_nothing_better_ends_an_attempt_by_its_status(BlockStatus status, int number, string name, int errno, AttemptOutcome outcome)
    {
        var disk = new TestDisk(timeProvider: _time, logger: _log);
        using Bio bio = NewBio();

        disk.Submit(bio);
        Assert.True(disk.TakeHeld().End(status), $"{name} ({number}, errno {errno})");

        Assert.Equal(outcome == AttemptOutcome.Retry ? 0 : 1, _endings.Count);
        while (_endings.Count == 0)
        {
            _time.Advance(TimeSpan.FromMilliseconds(3));
            disk.TakeHeld().End(status);
        }

        Assert.Equal(status, _endings.Only);
        Assert.Equal(outcome == AttemptOutcome.Retry ? 6 : 1, disk.Seen.Length);
    }

    [Theory]
    [InlineData(BlockStatus.Transport)]
    [InlineData(BlockStatus.Medium)]
    public void A_failed_path_or_access_state_is_the_end_on_a_disk_of_one_path(BlockStatus status)
    {
        var disk = new TestDisk();
        using Bio bio = NewBio();

        disk.Submit(bio);
        disk.TakeHeld().FailPath(status);
        disk.Submit(bio);
        disk.TakeHeld().FailAccessState(status);

        Assert.Equal([status, status], _endings.Statuses);
    }

    private Bio NewBio() => _endings.Watch(Bio.Rent(BioOp.Read, 0, new byte[512]));
}

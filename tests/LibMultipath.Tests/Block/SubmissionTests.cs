using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

public sealed class SubmissionTests
{
    [Fact]
    public void A_chain_of_a_million_submissions_from_completions_does_not_grow_the_stack()
    {
        const int length = 1_000_000;
        var disk = new NullDisk();
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);
        int ended = 0;
        bio.EndIo = again =>
        {
            if (++ended < length)
            {
                disk.Submit(again);
            }
        };

        // A stack that a chain of a few thousand frames would overflow.
        var thread = new Thread(() => disk.Submit(bio), 256 * 1024);
        thread.Start();
        thread.Join();

        Assert.Equal(length, ended);
    }

    [Fact]
    public void A_chain_of_split_bios_does_not_grow_the_stack()
    {
        const int length = 50_000;
        var disk = new NullDisk(new QueueLimits { MaxSectors = 8, Features = QueueFeatures.WriteCache });
        using Bio bio = Bio.Rent(BioOp.Write, 0, new byte[8192], BioFlags.PreFlush | BioFlags.Fua);
        int ended = 0;
        bio.EndIo = again =>
        {
            if (++ended < length)
            {
                disk.Submit(again);
            }
        };

        var thread = new Thread(() => disk.Submit(bio), 256 * 1024);
        thread.Start();
        thread.Join();

        Assert.Equal(length, ended);
    }

    [Fact]
    public void A_submission_from_a_completion_starts_when_the_outermost_gets_to_it()
    {
        var order = new List<string>();
        TestDisk other = new() { OnSubmit = attempt => Note(order, "other driver", attempt) };
        TestDisk disk = new() { OnSubmit = attempt => Note(order, "driver", attempt) };
        using Bio first = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using Bio second = Bio.Rent(BioOp.Read, 8, new byte[512]);
        using Bio third = Bio.Rent(BioOp.Read, 16, new byte[512]);
        second.EndIo = _ => order.Add("ended 8");
        third.EndIo = _ => order.Add("ended 16");
        first.EndIo = _ =>
        {
            other.Submit(second);
            disk.Submit(third);
            order.Add("ended 0");
        };

        disk.Submit(first);

        Assert.Equal(["driver 0", "ended 0", "other driver 8", "ended 8", "driver 16", "ended 16"], order);
    }

    [Fact]
    public void A_submission_from_a_completion_outside_of_any_submission_starts_at_once()
    {
        var disk = new TestDisk();
        using Bio first = Bio.Rent(BioOp.Read, 0, new byte[512]);
        using Bio second = Bio.Rent(BioOp.Read, 8, new byte[512]);
        bool started = false;
        second.EndIo = _ => { };
        first.EndIo = _ =>
        {
            disk.Submit(second);
            started = disk.Held.Count == 1;
        };

        disk.Submit(first);
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.True(started);
        disk.TakeHeld().Complete(BlockStatus.Ok);
    }

    [Fact]
    public void A_driver_that_is_a_disk_on_a_disk_gets_its_bios_through()
    {
        TestDisk below = TestDisk.Inline();
        using Bio inner = Bio.Rent(BioOp.Read, 8, new byte[512]);
        BioAttempt outer = default;
        inner.EndIo = ended => outer.Complete(ended.Status);
        var disk = new TestDisk
        {
            OnSubmit = attempt =>
            {
                outer = attempt;
                below.Submit(inner);
            },
        };
        var endings = new Endings();
        using Bio bio = endings.Watch(Bio.Rent(BioOp.Read, 0, new byte[512]));

        disk.Submit(bio);

        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.Single(below.Seen);
    }

    [Fact]
    public void A_submitted_bio_cannot_be_submitted_changed_or_given_back()
    {
        var disk = new TestDisk();
        var endings = new Endings();
        Bio bio = endings.Watch(Bio.Rent(BioOp.Read, 0, new byte[512]));

        disk.Submit(bio);

        Assert.True(bio.IsSubmitted);
        Assert.Throws<InvalidOperationException>(() => disk.Submit(bio));
        Assert.Throws<InvalidOperationException>(bio.Dispose);
        Assert.Throws<InvalidOperationException>(() => bio.AddSegment(new byte[512]));
        Assert.Throws<InvalidOperationException>(() => bio.Reset(BioOp.Write));
        disk.TakeHeld().Complete(BlockStatus.Ok);
        Assert.Equal(BlockStatus.Ok, endings.Only);
        Assert.False(bio.IsSubmitted);
        bio.Dispose();
    }

    [Fact]
    public void A_bio_without_a_callback_must_be_awaited()
    {
        TestDisk disk = TestDisk.Inline();
        using Bio bio = Bio.Rent(BioOp.Read, 0, new byte[512]);

        Assert.Throws<InvalidOperationException>(() => disk.Submit(bio));
        Assert.False(bio.IsSubmitted);
        Assert.Empty(disk.Seen);
    }

    private static void Note(List<string> order, string what, BioAttempt attempt)
    {
        order.Add($"{what} {attempt.Bio.Sector}");
        attempt.Complete(BlockStatus.Ok);
    }
}

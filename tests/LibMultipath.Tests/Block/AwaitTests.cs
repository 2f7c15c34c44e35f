using LibMultipath.Block;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Reclamation;

namespace LibMultipath.Tests.Block;

// What is allocated in all is the process's.
[Collection(AloneCollection.Name)]
public sealed class AwaitTests
{
    [Fact]
    public async Task The_task_tells_how_the_bio_ended()
    {
        var disk = new TestDisk();
        using Bio bio = NewBio();

        ValueTask<BlockStatus> task = disk.SubmitAsync(bio);
        Assert.False(task.IsCompleted);
        disk.TakeHeld().Complete(BlockStatus.Medium);

        Assert.Equal(BlockStatus.Medium, await task);
        Assert.Equal(BlockStatus.Medium, bio.Status);
        Assert.False(bio.IsSubmitted);
    }

    [Fact]
    public async Task The_task_of_a_bio_that_ends_at_once_is_completed_when_it_is_returned()
    {
        var disk = new NullDisk();
        using Bio bio = NewBio();

        for (int i = 0; i < 3; i++)
        {
            ValueTask<BlockStatus> task = disk.SubmitAsync(bio);
            Assert.True(task.IsCompletedSuccessfully);
            Assert.Equal(BlockStatus.Ok, await task);
        }
    }

    [Fact]
    public async Task The_submitter_does_not_go_on_on_the_drivers_thread()
    {
        var disk = new TestDisk();
        using Bio bio = NewBio();
        Task<Thread> submitter = Task.Run(async () =>
        {
            await disk.SubmitAsync(bio).ConfigureAwait(false);
            return Thread.CurrentThread;
        });
        Eventually.True(() => !disk.Held.IsEmpty, "the attempt");
        var driver = new Thread(() => disk.TakeHeld().Complete(BlockStatus.Ok));
        driver.Start();
        driver.Join();

        Thread wentOn = await submitter.WaitAsync(Eventually.Limit);

        Assert.NotSame(driver, wentOn);
        Assert.True(wentOn.IsThreadPoolThread);
    }

    [Fact]
    public void A_bio_with_a_callback_cannot_be_awaited()
    {
        TestDisk disk = TestDisk.Inline();
        using Bio bio = new Endings().Watch(NewBio());

        Assert.Throws<InvalidOperationException>(() => { _ = disk.SubmitAsync(bio).AsTask(); });
        Assert.False(bio.IsSubmitted);
        Assert.Empty(disk.Seen);
    }

    [Fact]
    public async Task A_submitted_bio_cannot_be_submitted_again_and_its_task_is_not_disturbed()
    {
        var disk = new TestDisk();
        using Bio bio = NewBio();

        ValueTask<BlockStatus> task = disk.SubmitAsync(bio);
        Assert.Throws<InvalidOperationException>(() => { _ = disk.SubmitAsync(bio).AsTask(); });
        disk.TakeHeld().Complete(BlockStatus.Ok);

        Assert.Equal(BlockStatus.Ok, await task);
        Assert.Single(disk.Seen);
    }

    [Fact]
    public void The_task_of_an_earlier_submission_cannot_be_awaited_any_more()
    {
        var disk = new NullDisk();
        using Bio bio = NewBio();

        ValueTask<BlockStatus> stale = disk.SubmitAsync(bio);
        ValueTask<BlockStatus> current = disk.SubmitAsync(bio);

        Assert.Throws<InvalidOperationException>(() => stale.IsCompleted);
        Assert.True(current.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_submission_that_ends_at_once_allocates_nothing()
    {
        var disk = new NullDisk();
        byte[] memory = new byte[4096];
        long Measure(int times)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < times; i++)
            {
                SubmitRented(disk, memory);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure(1000);

        Assert.Equal(0, Measure(10_000));
    }

    [Fact]
    public void A_split_submission_allocates_nothing()
    {
        var disk = new NullDisk(new QueueLimits { MaxSectors = 8, Features = QueueFeatures.WriteCache });
        byte[] memory = new byte[32768];
        using Bio bio = Bio.Rent(BioOp.Write, 0, memory, BioFlags.PreFlush | BioFlags.Fua);
        bio.EndIo = static _ => { };
        long Measure(int times)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < times; i++)
            {
                disk.Submit(bio);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure(100);

        Assert.Equal(0, Measure(1000));
    }

    [Fact]
    public void A_cancellable_submission_that_ends_at_once_allocates_nothing()
    {
        var disk = new NullDisk();
        using var source = new CancellationTokenSource();
        using Bio bio = NewBio();
        long Measure(int times)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < times; i++)
            {
                ValueTask<BlockStatus> task = disk.SubmitAsync(bio, source.Token);
                if (!task.IsCompletedSuccessfully || task.Result != BlockStatus.Ok)
                {
                    return -1;
                }
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure(1000);

        Assert.Equal(0, Measure(10_000));
    }

    [Fact]
    public async Task A_submission_that_ends_on_another_thread_allocates_nothing()
    {
        const int ios = 4000;
        using var disk = new ThreadedDisk();
        byte[] memory = new byte[4096];
        await SubmitMany(disk, memory, ios);

        // The runtime allocates for itself now and then, but not every time.
        long least = long.MaxValue;
        for (int i = 0; i < 10; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            await SubmitMany(disk, memory, ios);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // An object takes 24 bytes at the least.
        Assert.True(least < ios * 4, $"{least} bytes were allocated for {ios} I/Os.");
    }

    private static async Task SubmitMany(ThreadedDisk disk, Memory<byte> memory, int times)
    {
        for (int i = 0; i < times; i++)
        {
            using Bio bio = Bio.Rent(BioOp.Read, 0, memory);
            if (await disk.SubmitAsync(bio).ConfigureAwait(false) != BlockStatus.Ok)
            {
                throw new IOException("The disk takes everything.");
            }
        }
    }

    private static void SubmitRented(NullDisk disk, Memory<byte> memory)
    {
        using Bio bio = Bio.Rent(BioOp.Write, 0, memory);
        ValueTask<BlockStatus> task = disk.SubmitAsync(bio);
        Assert.True(task.IsCompletedSuccessfully && task.Result == BlockStatus.Ok);
    }

    private static Bio NewBio() => Bio.Rent(BioOp.Read, 0, new byte[512]);
}

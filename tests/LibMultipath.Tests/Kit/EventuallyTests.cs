using Xunit.Sdk;

namespace LibMultipath.Tests.Kit;

public sealed class EventuallyTests
{
    [Fact]
    public void It_returns_when_the_condition_holds()
    {
        int asked = 0;

        Eventually.True(() => ++asked == 50, "the fiftieth question");

        Assert.Equal(50, asked);
    }

    [Fact]
    public async Task It_sees_what_another_thread_does()
    {
        bool done = false;
        Task other = Task.Run(() => Volatile.Write(ref done, true));

        Eventually.True(() => Volatile.Read(ref done), "the other thread");
        await Eventually.TrueAsync(() => other.IsCompletedSuccessfully, "the task to end");
    }

    [Fact]
    public async Task It_fails_with_what_it_waited_for()
    {
        TimeSpan soon = TimeSpan.FromMilliseconds(20);

        FailException failure = Assert.Throws<FailException>(() => Eventually.True(() => false, "a miracle", soon));
        FailException other = await Assert.ThrowsAsync<FailException>(() => Eventually.TrueAsync(() => false, "a miracle", soon));

        Assert.Contains("Waited 0.02 s in vain for a miracle.", failure.Message, StringComparison.Ordinal);
        Assert.Equal(failure.Message, other.Message);
    }
}

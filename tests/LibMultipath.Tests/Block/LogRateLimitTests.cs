using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

public sealed class LogRateLimitTests
{
    [Fact]
    public void Ten_messages_go_through_and_the_rest_are_counted()
    {
        var limit = new LogRateLimit();
        int taken = 0;
        for (int i = 0; i < 1000; i++)
        {
            taken += limit.TryTake(out int suppressed) ? 1 : 0;
            Assert.Equal(0, suppressed);
            if (i < 10)
            {
                Assert.Equal(i + 1, taken);
            }
        }

        Assert.InRange(taken, 10, 999);
    }
}

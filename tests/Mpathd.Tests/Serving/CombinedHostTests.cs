using Mpathd.Serving;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Serving;

public sealed class CombinedHostTests
{
    private readonly TestDiskHost _first = TestDiskHost.OfNothing("/dev/a");
    private readonly TestDiskHost _second = TestDiskHost.OfNothing("/dev/b");

    [Fact]
    public void It_goes_by_the_first_name_and_tells_the_other()
    {
        using var host = new CombinedHost(_first, _second);
        _second.Clients = ["one", "two"];
        Assert.Equal("/dev/a (and /dev/b)", host.Name);
        Assert.Equal(["one", "two"], host.Clients);
    }

    [Fact]
    public void All_of_them_stop_though_one_cannot()
    {
        using var host = new CombinedHost(_first, _second);
        _first.OnStop = _ => throw MpathdException.Failed("it stays", "wait");
        Assert.Equal("it stays", Assert.Throws<MpathdException>(() => host.Stop(TimeSpan.FromSeconds(1))).Message);
        Assert.Equal((1, 1), (_first.Stops, _second.Stops));
    }

    [Fact]
    public void Each_has_the_whole_time_to_stop()
    {
        using var host = new CombinedHost(_first, _second);
        using var both = new Barrier(2);
        _first.OnStop = _second.OnStop = limit => Assert.True(both.SignalAndWait(limit));
        host.Stop(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task The_end_of_one_is_the_end_with_its_reason()
    {
        using var host = new CombinedHost(_first, _second);
        Assert.False(host.Ended.IsCompleted);
        _second.Break(new InvalidOperationException("no more"));
        Assert.Equal("no more", (await Assert.ThrowsAsync<InvalidOperationException>(() => host.Ended)).Message);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "mpathd serve --ublk 0")]
    public void What_stays_of_them_is_told(bool stays, string? how)
    {
        using var host = new CombinedHost(_first, _second);
        _first.IsRecoverable = stays;
        Assert.Equal(how, host.Leave(TimeSpan.FromSeconds(1)));
        Assert.Equal((1, 1), (_first.Leaves, _second.Leaves));
    }

    [Fact]
    public void A_size_is_followed_when_all_follow()
    {
        using var host = new CombinedHost(_first, _second);
        Assert.True(host.CanResize && host.FollowSize());
        _second.Follows = false;
        Assert.False(host.FollowSize());
        _first.CanResize = false;
        Assert.False(host.CanResize);
    }

    [Fact]
    public void All_of_them_are_disposed()
    {
        new CombinedHost(_first, _second).Dispose();
        Assert.True(_first.IsDisposed && _second.IsDisposed);
    }
}

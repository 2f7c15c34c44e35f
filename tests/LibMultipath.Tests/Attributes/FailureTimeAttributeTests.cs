using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Attributes;

public sealed class FailureTimeAttributeTests
{
    private static readonly string[] s_names = ["reconnect_delay", "fast_io_fail_tmo", "ctrl_loss_tmo"];

    [Theory]
    [InlineData("")]
    [InlineData("path/1/")]
    public void What_is_not_set_is_what_nvme_hosts_have(string where)
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal(["10\n", "off\n", "600\n"], s_names.Select(name => attributes.Show(where + name)));
    }

    [Theory]
    [InlineData("reconnect_delay", "2\n", "2")]
    [InlineData("reconnect_delay", "0x10", "16")]
    [InlineData("reconnect_delay", "010", "8")]
    [InlineData("reconnect_delay", "4294967", "4294967")]
    [InlineData("fast_io_fail_tmo", "0", "0")]
    [InlineData("fast_io_fail_tmo", "+5", "5")]
    [InlineData("fast_io_fail_tmo", "off", "off")]
    [InlineData("fast_io_fail_tmo", "off\n", "off")]
    [InlineData("fast_io_fail_tmo", "-1", "off")]
    [InlineData("ctrl_loss_tmo", "0", "0")]
    [InlineData("ctrl_loss_tmo", "1800", "1800")]
    [InlineData("ctrl_loss_tmo", "-1\n", "off")]
    [InlineData("ctrl_loss_tmo", "off", "off")]
    public void Times_are_read_as_the_kernel_reads_them(string name, string text, string shown)
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);

        attributes.Store($"path/0/{name}", text);
        Assert.Equal($"{shown}\n", attributes.Show($"path/0/{name}"));
        Assert.Equal(attributes.Show(name), attributes.Show($"path/1/{name}"));
        attributes.Store(name, text);

        Assert.All(["", "path/0/", "path/1/", "multipath/path0/"], where => Assert.Equal($"{shown}\n", attributes.Show(where + name)));
        Assert.All(s_names.Where(other => other != name), other => Assert.Contains(attributes.Show(other), new[] { "10\n", "off\n", "600\n" }));
    }

    [Theory]
    [InlineData("reconnect_delay", "0", "give a number of seconds from 1 to 4294967")]
    [InlineData("reconnect_delay", "off", "give a number of seconds from 1 to 4294967")]
    [InlineData("reconnect_delay", "-1", "give a number of seconds from 1 to 4294967")]
    [InlineData("fast_io_fail_tmo", "-2", "give a number of seconds from 0 to 4294967, off or -1")]
    [InlineData("fast_io_fail_tmo", "Off", "give a number of seconds from 0 to 4294967, off or -1")]
    [InlineData("fast_io_fail_tmo", "5s", "give a number of seconds from 0 to 4294967, off or -1")]
    [InlineData("ctrl_loss_tmo", "4294968", "give a number of seconds from 0 to 4294967, off or -1")]
    [InlineData("ctrl_loss_tmo", "", "give a number of seconds from 0 to 4294967, off or -1")]
    [InlineData("ctrl_loss_tmo", "1.5", "give a number of seconds from 0 to 4294967, off or -1")]
    public void What_is_no_time_is_refused_and_changes_nothing(string name, string text, string advice)
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        foreach (string full in new[] { name, $"path/0/{name}" })
        {
            string before = attributes.Show(full);
            BlockException refusal = Assert.Throws<BlockException>(() => attributes.Store(full, text));
            Assert.Equal(Errno.EINVAL, refusal.Errno);
            Assert.Equal($"{name} does not take '{text}': {advice} (EINVAL)", refusal.Message);
            Assert.Equal(before, attributes.Show(full));
        }
    }

    [Fact]
    public void What_a_program_has_set_is_shown_to_the_fraction_of_a_second()
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        rig.Head.FailureTimes = new FailureTimes { ReconnectDelay = TimeSpan.FromMilliseconds(250), Loss = TimeSpan.FromSeconds(1.5) };
        Assert.Equal("0.25\n", attributes.Show("reconnect_delay"));
        Assert.Equal("1.5\n", attributes.Show("path/0/ctrl_loss_tmo"));
    }

    [Fact]
    public void A_store_leaves_what_was_not_given_open()
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        attributes.Store("path/0/ctrl_loss_tmo", "30");
        attributes.Store("fast_io_fail_tmo", "3");
        Assert.Equal(new FailureTimes { Loss = TimeSpan.FromSeconds(30) }, rig.Paths[0].Controller.FailureTimes);
        Assert.Equal(new FailureTimes { FastIoFail = TimeSpan.FromSeconds(3) }, rig.Head.FailureTimes);
        Assert.Equal("3\n", attributes.Show("path/0/fast_io_fail_tmo"));
    }

    [Fact]
    public void A_time_of_a_path_has_effect_while_it_is_away()
    {
        using RecoveryRig rig = new();
        using MpathAttributes attributes = new(rig.Rig.Head);
        rig.Lose();
        rig.Live(5);
        attributes.Store("path/0/ctrl_loss_tmo", "5");
        rig.Rig.Work.RunAll();
        Assert.Equal(1, rig.Losses);
    }

    [Fact]
    public void A_change_is_told_of_the_head_and_of_every_path_for_which_it_holds()
    {
        using Rig rig = new(3);
        rig.Paths[1].Controller.FailureTimes = new FailureTimes { Loss = TimeSpan.FromSeconds(7) };
        List<string> seen = [];
        using MpathAttributes attributes = new(rig.Head);
        attributes.Changed += name => seen.Add($"{name}={attributes.Show(name).TrimEnd('\n')}");

        attributes.Store("ctrl_loss_tmo", "30");
        attributes.Store("ctrl_loss_tmo", "30");
        attributes.Store("path/1/ctrl_loss_tmo", "off");
        rig.Head.FailureTimes = new FailureTimes { Loss = TimeSpan.FromSeconds(30), ReconnectDelay = TimeSpan.FromSeconds(1) };
        rig.Paths[2].Controller.FailureTimes = new FailureTimes { FastIoFail = TimeSpan.FromSeconds(2) };

        Assert.Equal(
            [
                "ctrl_loss_tmo=30", "path/0/ctrl_loss_tmo=30", "path/2/ctrl_loss_tmo=30", "path/1/ctrl_loss_tmo=off",
                "reconnect_delay=1", "path/0/reconnect_delay=1", "path/1/reconnect_delay=1", "path/2/reconnect_delay=1",
                "path/2/fast_io_fail_tmo=2",
            ],
            seen);
    }

    [Fact]
    public void A_path_that_is_added_is_told_before_its_times()
    {
        using Rig rig = new(1);
        rig.Head.FailureTimes = new FailureTimes { Loss = TimeSpan.FromSeconds(30) };
        List<string> seen = [];
        using MpathAttributes attributes = new(rig.Head);
        attributes.Changed += seen.Add;
        rig.AddPath();
        Assert.Equal(["path/1", "multipath/path1", "path/1/ctrl_loss_tmo"], seen);
    }

    [Fact]
    public void Of_a_head_that_is_gone_the_times_are_shown_and_cannot_be_set()
    {
        Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        attributes.Store("ctrl_loss_tmo", "30");
        rig.Dispose();
        Assert.Equal("30\n", attributes.Show("ctrl_loss_tmo"));
        Assert.Equal(Errno.ENODEV, Assert.Throws<BlockException>(() => attributes.Store("ctrl_loss_tmo", "0")).Errno);
    }
}

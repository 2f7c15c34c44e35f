using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Attributes;

public sealed class HeadAttributeTests
{
    private const string Requeued = "diag/io_requeue_no_usable_path_count";
    private const string Failed = "diag/io_fail_no_available_path_count";

    [Theory]
    [InlineData("numa")]
    [InlineData("round-robin")]
    [InlineData("queue-depth")]
    public void The_policy_is_shown_and_stored_by_its_name(string name)
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);

        attributes.Store("iopolicy", name);

        Assert.Equal(name, rig.Head.Policy.Selector.Name);
        Assert.Equal($"{name}\n", attributes.Show("iopolicy"));
        attributes.Store("iopolicy", $"{name}\n");
        Assert.Equal($"{name}\n", attributes.Show("iopolicy"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("num")]
    [InlineData("numa\n\n")]
    [InlineData("Numa")]
    [InlineData(" numa")]
    [InlineData("numa round-robin")]
    [InlineData("round_robin")]
    public void A_policy_that_there_is_not_is_named_with_those_there_are_and_changes_nothing(string text)
    {
        using Rig rig = new(2, IoPolicies.RoundRobin);
        using MpathAttributes attributes = new(rig.Head);

        BlockException refusal = Assert.Throws<BlockException>(() => attributes.Store("iopolicy", text));

        Assert.Equal(Errno.EINVAL, refusal.Errno);
        string value = text.EndsWith('\n') ? text[..^1] : text;
        Assert.Equal($"iopolicy does not take '{value}': give one of {string.Join(", ", IoPolicies.All)} (EINVAL)", refusal.Message);
        Assert.Equal("round-robin\n", attributes.Show("iopolicy"));
    }

    [Fact]
    public void A_selector_is_named_with_its_parameters()
    {
        using Rig rig = new(2, IoPolicies.RoundRobin);
        using MpathAttributes attributes = new(rig.Head);

        attributes.Store("iopolicy", "stripe:size=4K\n");
        Assert.Equal("stripe:size=4K\n", attributes.Show("iopolicy"));
        BlockException refusal = Assert.Throws<BlockException>(() => attributes.Store("iopolicy", "stripe:sise=4K"));

        Assert.Equal("iopolicy does not take 'stripe:sise=4K': stripe has no parameter 'sise'; give one of size (EINVAL)", refusal.Message);
        Assert.Equal("stripe:size=4K\n", attributes.Show("iopolicy"));
    }

    [Fact]
    public void A_policy_that_a_transport_does_not_allow_is_refused_with_those_that_all_allow()
    {
        MpathIoPolicy shared = IoPolicies.Create("numa");
        using Rig one = new(1, template: new TestTemplate(shared));
        using Rig two = new(1, template: new FilteringTemplate(shared, IoPolicies.Numa, IoPolicies.RoundRobin));
        using MpathAttributes attributes = new(one.Head);

        BlockException refusal = Assert.Throws<BlockException>(() => attributes.Store("iopolicy", "queue-depth"));

        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.Contains("'queue-depth': give one of numa, round-robin (EINVAL)", refusal.Message);
        Assert.Same(IoPolicies.Numa, shared.Selector);
    }

    [Fact]
    public void Heads_that_share_a_policy_show_one_policy()
    {
        var subsystem = new MpathSubsystem("nqn.test", IoPolicies.Create("numa"));
        using MpathHead one = subsystem.CreateHead(1, new TestTemplate(subsystem.Policy));
        using MpathHead two = subsystem.CreateHead(2, new TestTemplate(subsystem.Policy));
        using MpathAttributes ofOne = new(one);
        using MpathAttributes ofTwo = new(two);

        ofOne.Store("iopolicy", "queue-depth");

        Assert.Equal("queue-depth\n", ofTwo.Show("iopolicy"));
        Assert.Equal("nqn.test!2", ofTwo.Root.Name);
    }

    [Theory]
    [InlineData("10", "10\n")]
    [InlineData("10\n", "10\n")]
    [InlineData("+10", "10\n")]
    [InlineData("0x10", "16\n")]
    [InlineData("010", "8\n")]
    [InlineData("4294967", "4294967\n")]
    [InlineData("0", "0\n")]
    public void The_removal_delay_is_read_as_the_kernel_reads_it(string text, string shown)
    {
        using Rig rig = new(1, delay: 3);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal("3\n", attributes.Show("delayed_removal_secs"));

        attributes.Store("delayed_removal_secs", text);

        Assert.Equal(shown, attributes.Show("delayed_removal_secs"));
        Assert.Equal(shown != "0\n", rig.Head.QueuesWithoutPath);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("10s")]
    [InlineData("1.5")]
    [InlineData("10\n\n")]
    [InlineData("0x")]
    [InlineData("4294968")]
    [InlineData("4294967296")]
    [InlineData("18446744073709551617")]
    public void A_removal_delay_that_is_none_is_refused_and_changes_nothing(string text)
    {
        using Rig rig = new(1, delay: 3);
        using MpathAttributes attributes = new(rig.Head);

        BlockException refusal = Assert.Throws<BlockException>(() => attributes.Store("delayed_removal_secs", text));

        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.Contains("': give a number of seconds from 0, which ends the waiting, to 4294967 (EINVAL)", refusal.Message);
        Assert.Equal("3\n", attributes.Show("delayed_removal_secs"));
    }

    [Fact]
    public void F22_storing_a_delay_of_0_lets_a_pending_removal_happen()
    {
        RemovingTemplate template = new();
        using Rig rig = new(1, template: template, delay: 1000);
        using MpathAttributes attributes = new(rig.Head);
        rig.Head.Remove(rig.Paths[0]);

        attributes.Store("delayed_removal_secs", "0\n");
        rig.Work.RunAll();

        Assert.Equal(1, template.Removals);
        Assert.Equal(0, rig.Time.ArmedTimers);
    }

    [Fact]
    public void Io_that_finds_no_path_is_counted_and_the_counts_can_be_reset()
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal(("0\n", "0\n"), (attributes.Show(Requeued), attributes.Show(Failed)));
        rig.Paths[0].Controller.State = MpathControllerState.Connecting;
        Io waits = rig.Submit();
        Assert.Equal(("1\n", "0\n"), (attributes.Show(Requeued), attributes.Show(Failed)));
        rig.Paths[0].Controller.State = MpathControllerState.Dead;
        rig.Work.RunAll();
        waits.AssertEnded(BlockStatus.IoError);
        Assert.Equal(("1\n", "1\n"), (attributes.Show(Requeued), attributes.Show(Failed)));

        attributes.Store(Requeued, "0");
        Assert.Equal(("0\n", "1\n"), (attributes.Show(Requeued), attributes.Show(Failed)));
        attributes.Store(Failed, "0\n");
        Assert.Equal(("0\n", "0\n"), (attributes.Show(Requeued), attributes.Show(Failed)));

        rig.Submit().AssertEnded(BlockStatus.IoError);
        Assert.Equal(("0\n", "1\n"), (attributes.Show(Requeued), attributes.Show(Failed)));
    }

    [Theory]
    [InlineData(Requeued)]
    [InlineData(Failed)]
    public void A_count_goes_on_from_whatever_was_stored(string name)
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        attributes.Store(name, "0x20");
        Assert.Equal("32\n", attributes.Show(name));
        attributes.Store(name, "9223372036854775807");
        Assert.Equal("9223372036854775807\n", attributes.Show(name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("reset")]
    [InlineData("-1")]
    [InlineData("9223372036854775808")]
    public void A_count_that_is_none_is_refused_and_changes_nothing(string text)
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        attributes.Store(Requeued, "5");

        BlockException refusal = Assert.Throws<BlockException>(() => attributes.Store(Requeued, text));

        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.Contains($"does not take '{text}': give a number from 0, which resets it, to 9223372036854775807", refusal.Message);
        Assert.Equal("5\n", attributes.Show(Requeued));
    }

    [Fact]
    public void Of_a_head_that_is_gone_what_it_was_last_is_shown_and_nothing_breaks()
    {
        Rig rig = new(1, IoPolicies.QueueDepth, delay: 5);
        using MpathAttributes attributes = new(rig.Head);
        rig.Dispose();

        Assert.Equal("queue-depth\n", attributes.Show("iopolicy"));
        Assert.Equal("5\n", attributes.Show("delayed_removal_secs"));
        Assert.Equal(Errno.ENODEV, Assert.Throws<BlockException>(() => attributes.Store("delayed_removal_secs", "0")).Errno);
        Assert.Equal("5\n", attributes.Show("delayed_removal_secs"));
        Assert.DoesNotContain(attributes.Walk(), each => each.Name.StartsWith("path/", StringComparison.Ordinal) || each.Name.StartsWith("multipath/", StringComparison.Ordinal));
    }
}

using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Attributes;

public sealed class AttributeTreeTests(ITestOutputHelper output)
{
    private static readonly string[] s_ofHead =
    [
        "iopolicy", "delayed_removal_secs", "reconnect_delay", "fast_io_fail_tmo", "ctrl_loss_tmo",
        "diag", "diag/io_requeue_no_usable_path_count", "diag/io_fail_no_available_path_count", "multipath", "path",
    ];

    private static readonly string[] s_ofPath =
    [
        "", "/access_state", "/queue_depth", "/numa_nodes", "/weight", "/latency_ns",
        "/reconnect_delay", "/fast_io_fail_tmo", "/ctrl_loss_tmo", "/diag",
        "/diag/multipath_failover_count", "/diag/command_retries_count", "/diag/command_error_count",
    ];

    [Fact]
    public void The_tree_has_what_sysfs_has()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        string[] expected =
        [
            .. s_ofHead[..^1], "multipath/path0", "multipath/path1", "path", .. s_ofPath.Select(name => $"path/0{name}"), .. s_ofPath.Select(name => $"path/1{name}"),
        ];
        Assert.Equal(expected, attributes.Walk().Select(each => each.Name));
        Assert.All(attributes.Walk(), each => Assert.Equal(each.Name.Split('/')[^1], each.Node.Name));
    }

    [Fact]
    public void The_attributes_of_a_head_without_paths_or_disk_are_there()
    {
        using Rig rig = new(0, withDisk: false);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal(s_ofHead, attributes.Walk().Select(each => each.Name));
        Assert.All(attributes.Walk().Select(each => each.Node).OfType<MpathAttribute>(), attribute => Assert.EndsWith("\n", attribute.Show()));
    }

    [Fact]
    public void Everything_that_is_walked_is_found_by_its_name()
    {
        using Rig rig = new(3);
        using MpathAttributes attributes = new(rig.Head);
        Assert.All(attributes.Walk(), each => Assert.Equal(each.Node.GetType(), attributes.Find(each.Name).GetType()));
    }

    [Fact]
    public void Every_value_is_one_line_that_ends_in_a_newline_or_empty()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        foreach (string policy in new[] { "numa", "round-robin", "queue-depth" })
        {
            attributes.Store("iopolicy", policy);
            Assert.All(attributes.Walk().Select(each => each.Node).OfType<MpathAttribute>(), attribute =>
            {
                string text = attribute.Show();
                Assert.True(text.Length == 0 || text.IndexOf('\n') == text.Length - 1, $"{attribute} shows '{text}'.");
            });
        }
    }

    [Fact]
    public void Numbers_of_paths_are_never_given_again()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        rig.Head.Remove(rig.Paths[0]);
        rig.AddPath();
        Assert.Equal(["path/1", "path/2"], Names<MpathAttributeGroup>(attributes, "path"));
        Assert.Equal([0, 1, 2], rig.Paths.Select(path => path.Number));
        Assert.Equal(-1, rig.NewPath().Number);
    }

    [Fact]
    public void A_path_that_is_refused_takes_no_number()
    {
        using Rig rig = new(1);
        Assert.Throws<ArgumentException>(() => rig.Head.Add(rig.NewPath(limits: new QueueLimits { LogicalBlockSize = 4096 })));
        Assert.Equal(1, rig.AddPath().Number);
    }

    [Fact]
    public void Every_path_has_a_link_those_that_cannot_be_used_too()
    {
        using Rig rig = new(1);
        rig.AddPath(MpathAccessState.Other);
        MpathDevice notLive = rig.NewPath();
        rig.Head.Add(notLive);
        rig.Paths[0].SetDown();
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal(["multipath/path0", "multipath/path1", "multipath/path2"], Names<MpathAttributeLink>(attributes, "multipath"));
        Assert.Equal("path/2", ((MpathAttributeLink)attributes.Find("multipath/path2")).Target);
    }

    [Fact]
    public void A_link_is_followed_on_the_way_to_an_attribute()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        attributes.Store("multipath/path1/diag/command_error_count", "9");
        Assert.Equal("9\n", attributes.Show("path/1/diag/command_error_count"));
        Assert.Equal("optimized\n", attributes.Show("multipath/path1/access_state"));
    }

    [Fact]
    public void Links_come_and_go_with_their_paths()
    {
        using Rig rig = new(0);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Empty(Names<MpathAttributeLink>(attributes, "multipath"));
        MpathDevice path = rig.AddPath();
        Assert.Equal(["multipath/path0"], Names<MpathAttributeLink>(attributes, "multipath"));
        rig.AddPath();
        rig.Head.Remove(path);
        Assert.Equal(["multipath/path1"], Names<MpathAttributeLink>(attributes, "multipath"));
        Assert.Equal(Errno.ENOENT, Assert.Throws<BlockException>(() => attributes.Show("multipath/path0/access_state")).Errno);
        Assert.Equal(Errno.ENOENT, Assert.Throws<BlockException>(() => attributes.Show("path/0/access_state")).Errno);
    }

    [Fact]
    public void The_link_is_gone_before_the_disk_of_its_path_is_let_go()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        string[] links = [];
        rig[0].OnRelease = () => links = Names<MpathAttributeLink>(attributes, "multipath");
        rig.Head.Remove(rig.Paths[0]);
        Assert.Equal(["multipath/path1"], links);
    }

    [Fact]
    public void A_link_that_is_made_again_and_again_is_made_once()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        rig.Paths[0].SetLive();
        rig.Paths[0].AccessState = MpathAccessState.NonOptimized;
        rig.Paths[0].AccessState = MpathAccessState.Optimized;
        Assert.Equal(["multipath/path0", "multipath/path1"], Names<MpathAttributeLink>(attributes, "multipath"));
        Assert.Equal(0, rig.Log.Count(700));
    }

    [Fact]
    public void A_link_whose_name_is_taken_is_logged_and_tried_again_at_the_next_change()
    {
        using Rig rig = new(0);
        using MpathAttributes attributes = new(rig.Head);
        MpathDevice[] twins = [.. Enumerable.Range(0, 2).Select(id => new MpathDevice(new MpathController(id), new TestDisk("twin")))];
        rig.Head.Add(twins[0]);
        Assert.Equal(0, rig.Log.Count(700));
        rig.Head.Add(twins[1]);
        Assert.Equal(1, rig.Log.Count(700));
        Assert.Contains("another path has that name", rig.Log.Lines.Single(line => line.Id == 700).Text);
        Assert.Equal("path/0", ((MpathAttributeLink)attributes.Find("multipath/twin")).Target);
        Assert.Equal("optimized\n", attributes.Show("path/1/access_state"));

        rig.Head.Remove(twins[0]);

        Assert.Equal("path/1", ((MpathAttributeLink)attributes.Find("multipath/twin")).Target);
    }

    [Theory]
    [InlineData("pci/0000:00", "pci!0000:00")]
    [InlineData("..", null)]
    [InlineData("a\nb", null)]
    public void A_name_that_no_link_can_have_is_changed_as_the_kernel_does_or_logged(string name, string? link)
    {
        using Rig rig = new(0);
        rig.Head.Add(new MpathDevice(new MpathController(0), new TestDisk(name)));
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal(link is null ? [] : [$"multipath/{link}"], Names<MpathAttributeLink>(attributes, "multipath"));
        Assert.Equal(link is null ? 1 : 0, rig.Log.Count(700));
        Assert.Equal("optimized\n", attributes.Show("path/0/access_state"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("io")]
    [InlineData("/iopolicy")]
    [InlineData("iopolicy/")]
    [InlineData("iopolicy/x")]
    [InlineData("diag/../iopolicy")]
    [InlineData("path/2/access_state")]
    [InlineData("path/00/access_state")]
    [InlineData("path/-1")]
    [InlineData("multipath/path9")]
    public void A_name_that_there_is_not_is_told_with_those_there_are(string name)
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        Assert.All<Action>([() => attributes.Show(name), () => attributes.Store(name, "0"), () => attributes.Find(name)], use =>
        {
            BlockException refusal = Assert.Throws<BlockException>(use);
            Assert.Equal(Errno.ENOENT, refusal.Errno);
            Assert.StartsWith($"there is no attribute '{name}'; ", refusal.Message);
        });
    }

    [Fact]
    public void Who_mistypes_a_name_is_told_what_is_there()
    {
        using Rig rig = new(2);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Contains("in head there are iopolicy, delayed_removal_secs, reconnect_delay, fast_io_fail_tmo, ctrl_loss_tmo, diag, multipath, path", Refusal("iopolcy"));
        Assert.Contains("in path there are 0, 1", Refusal("path/2"));
        Assert.Contains("in diag there are io_requeue_no_usable_path_count, io_fail_no_available_path_count", Refusal("diag/x"));

        string Refusal(string name) => Assert.Throws<BlockException>(() => attributes.Show(name)).Message;
    }

    [Theory]
    [InlineData("diag", "in it there are io_requeue_no_usable_path_count, ")]
    [InlineData("path/0", "in it there are access_state, ")]
    [InlineData("multipath/path0", "in it there are access_state, ")]
    [InlineData("path", "in it there are 0 ")]
    public void A_group_is_neither_read_nor_written(string name, string says)
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        Assert.All<Action>([() => attributes.Show(name), () => attributes.Store(name, "0")], use =>
        {
            BlockException refusal = Assert.Throws<BlockException>(use);
            Assert.Equal(Errno.EISDIR, refusal.Errno);
            Assert.Contains($"{name} is a group; {says}", refusal.Message);
        });
    }

    [Fact]
    public void No_text_that_is_stored_breaks_anything_and_one_that_is_refused_changes_nothing() =>
        Prop.ForAll(Gen.Elements("", "0", "1", "7", "x", "+", "-", "\n", " ", "0x", "numa", "queue-depth", "optimized", "é", "\0").ArrayOf(3).ToArbitrary(), parts =>
        {
            string text = string.Concat(parts);
            using Rig rig = new(1, delay: 3);
            using MpathAttributes attributes = new(rig.Head);
            foreach ((string name, MpathAttributeNode node) in attributes.Walk().Where(each => each.Node is MpathAttribute).ToArray())
            {
                string[] before = Values(attributes);
                try
                {
                    ((MpathAttribute)node).Store(text);
                }
                catch (BlockException refusal)
                {
                    Assert.Equal(((MpathAttribute)node).IsWritable ? Errno.EINVAL : Errno.EACCES, refusal.Errno);
                    Assert.Equal(before, Values(attributes));
                    continue;
                }

                string value = text.TrimEnd('\n');
                string shown = attributes.Show(name);
                Assert.True(shown == value + "\n" || KernelNumber.TryParse(value, ulong.MaxValue, out _) || (value == "-1" && shown == "off\n"), $"{name} took '{text}'.");
            }
        }).Check(Seeds.Config(output));

    private static string[] Values(MpathAttributes attributes) =>
        [.. attributes.Walk().Select(each => each.Node is MpathAttribute attribute ? $"{each.Name}: {attribute.Show()}" : each.Name)];

    private static string[] Names<T>(MpathAttributes attributes, string group) =>
        [.. attributes.Walk().Where(each => each.Node is T && each.Name.StartsWith(group + "/", StringComparison.Ordinal) && each.Name.Count(c => c == '/') == 1).Select(each => each.Name)];
}

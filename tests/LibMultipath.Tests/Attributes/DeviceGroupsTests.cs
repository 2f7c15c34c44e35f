using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Attributes;

public sealed class DeviceGroupsTests
{
    [Fact]
    public void F18_a_driver_without_attributes_of_its_own_has_the_librarys()
    {
        using Rig rig = new(1);
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal("optimized\n", attributes.Show("path/0/access_state"));
        Assert.Equal(Errno.ENOENT, Assert.Throws<BlockException>(() => attributes.Show("wwid")).Errno);
    }

    [Fact]
    public void F18_a_driver_may_leave_out_either_kind()
    {
        using Rig rig = new(1, template: new EmptyTemplate());
        using MpathAttributes attributes = new(rig.Head);
        Assert.Equal("numa\n", attributes.Show("iopolicy"));
        Assert.Equal("optimized\n", attributes.Show("path/0/access_state"));
        Assert.Equal(0, rig.Log.Count(701));
    }

    [Fact]
    public void A_drivers_attributes_stand_beside_the_librarys()
    {
        int level = 1;
        GroupsTemplate template = new()
        {
            OfHead = head => [new MpathAttribute("wwid", () => $"naa.{head.Name}"), new MpathAttributeGroup("tuning", new MpathAttribute("level", () => $"{level}", text => level = int.Parse(text)))],
            OfPath = path => [new MpathAttribute("ana_grpid", () => $"{path.Controller.Id}")],
        };
        using Rig rig = new(2, template: template);
        using MpathAttributes attributes = new(rig.Head);

        Assert.Equal("naa.head\n", attributes.Show("wwid"));
        Assert.Equal("2\n", attributes.Show("path/1/ana_grpid"));
        Assert.Equal("optimized\n", attributes.Show("path/1/access_state"));
        attributes.Store("tuning/level", "5\n");
        Assert.Equal("5\n", attributes.Show("tuning/level"));
        Assert.Contains(attributes.Walk(), each => each.Name == "tuning/level");
    }

    [Fact]
    public void What_a_driver_does_not_take_is_invalid_and_named()
    {
        GroupsTemplate template = new() { OfHead = _ => [new MpathAttribute("level", () => "1", text => int.Parse(text))] };
        using Rig rig = new(0, template: template);
        using MpathAttributes attributes = new(rig.Head);
        Assert.All(["high", "99999999999", ""], text =>
        {
            BlockException refusal = Assert.Throws<BlockException>(() => attributes.Store("level", text));
            Assert.Equal(Errno.EINVAL, refusal.Errno);
            Assert.StartsWith($"level does not take '{text}': ", refusal.Message);
        });
    }

    [Fact]
    public void A_group_of_a_name_that_the_library_has_adds_to_it_and_replaces_nothing()
    {
        GroupsTemplate template = new()
        {
            OfHead = _ => [new MpathAttribute("iopolicy", () => "mine"), new MpathAttribute("diag", () => "mine"), new MpathAttributeGroup("delayed_removal_secs")],
            OfPath = _ => [new MpathAttributeGroup("diag", new MpathAttribute("resets_count", () => "3"), new MpathAttribute("command_error_count", () => "mine"))],
        };
        using Rig rig = new(1, template: template);
        using MpathAttributes attributes = new(rig.Head);

        Assert.Equal("numa\n", attributes.Show("iopolicy"));
        Assert.Equal("0\n", attributes.Show("delayed_removal_secs"));
        Assert.Equal("0\n", attributes.Show("diag/io_requeue_no_usable_path_count"));
        Assert.Equal("3\n", attributes.Show("path/0/diag/resets_count"));
        Assert.Equal("0\n", attributes.Show("path/0/diag/command_error_count"));
        string[] names = [.. attributes.Walk().Select(each => each.Name)];
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public void F18_a_driver_that_throws_is_logged_and_the_librarys_attributes_are_there()
    {
        GroupsTemplate template = new() { OfHead = _ => throw new InvalidOperationException("bad driver"), OfPath = _ => null! };
        using Rig rig = new(1, template: template);
        using MpathAttributes attributes = new(rig.Head);

        Assert.Equal("numa\n", attributes.Show("iopolicy"));
        Assert.Equal("optimized\n", attributes.Show("path/0/access_state"));
        Assert.Contains(rig.Log.Lines, line => line.Id == 701 && line.Text.Contains("attributes of head"));
        Assert.Contains(rig.Log.Lines, line => line.Id == 701 && line.Text.Contains("attributes of path0"));
        for (int i = 0; i < 100; i++)
        {
            attributes.Show("iopolicy");
        }

        Assert.InRange(rig.Log.Count(701), 2, 30);
    }

    [Fact]
    public void F18_an_attribute_that_throws_fails_alone()
    {
        GroupsTemplate template = new()
        {
            OfHead = _ =>
            [
                new MpathAttribute("bad", () => throw new InvalidOperationException("no such page"), _ => throw new TimeoutException("no answer")),
                new MpathAttribute("gone", () => throw new ObjectDisposedException("connection"), _ => throw new BlockException(Errno.EBUSY, "it is in use")),
            ],
        };
        using Rig rig = new(1, template: template);
        using MpathAttributes attributes = new(rig.Head);

        AssertFails(Errno.EIO, "bad cannot be read: no such page (EIO)", () => attributes.Show("bad"));
        AssertFails(Errno.EIO, "bad cannot be written: no answer (EIO)", () => attributes.Store("bad", "1"));
        AssertFails(Errno.ENODEV, "gone cannot be read: ", () => attributes.Show("gone"));
        AssertFails(Errno.EBUSY, "it is in use (EBUSY)", () => attributes.Store("gone", "1"));
        Assert.Equal("numa\n", attributes.Show("iopolicy"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    [InlineData("\0")]
    public void A_name_that_no_file_could_have_is_refused(string name)
    {
        Assert.Contains("cannot be the name of an attribute", Assert.Throws<ArgumentException>(() => new MpathAttribute(name, () => null)).Message);
        Assert.Throws<ArgumentException>(() => new MpathAttributeGroup(name));
    }

    private static void AssertFails(Errno errno, string says, Action use)
    {
        BlockException refusal = Assert.Throws<BlockException>(use);
        Assert.Equal(errno, refusal.Errno);
        Assert.StartsWith(says, refusal.Message);
    }

    private sealed class EmptyTemplate : TestTemplate, IMpathDeviceGroups;
}

using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Tests.Paths;

public sealed class SubsystemTests
{
    [Fact]
    public void A_head_is_found_by_its_id_with_a_reference_and_forgotten_when_it_is_gone()
    {
        MpathSubsystem subsystem = new("nqn.2026-01.example:one", IoPolicies.Create("numa"));
        TestTemplate template = new(subsystem.Policy);
        MpathHead head = subsystem.CreateHead(3, template);
        Assert.Same(subsystem, head.Subsystem);
        Assert.Equal(3u, head.NamespaceId);
        Assert.Equal([head], subsystem.Heads);
        Assert.Null(subsystem.TryGetHead(4));

        Assert.Same(head, subsystem.TryGetHead(3));
        head.Dispose();
        Assert.Same(head, subsystem.TryGetHead(3));
        head.Put();
        head.Put();

        Assert.Null(subsystem.TryGetHead(3));
        Assert.Empty(subsystem.Heads);
        subsystem.CreateHead(3, template).Dispose();
    }

    [Fact]
    public void An_id_belongs_to_one_head_and_is_not_0()
    {
        MpathSubsystem subsystem = new("nqn", IoPolicies.Create("numa"));
        TestTemplate template = new(subsystem.Policy);
        using MpathHead head = subsystem.CreateHead(1, template);
        Assert.Throws<ArgumentException>(() => subsystem.CreateHead(1, template));
        Assert.Throws<ArgumentOutOfRangeException>(() => subsystem.CreateHead(0, template));
        Assert.Throws<ArgumentException>(() => subsystem.CreateHead(2, new TestTemplate()));
    }

    [Fact]
    public void The_id_of_a_head_that_is_being_removed_is_free_though_somebody_has_it_open()
    {
        MpathSubsystem subsystem = new("nqn", IoPolicies.Create("numa"));
        TestTemplate template = new(subsystem.Policy);
        MpathHead head = subsystem.CreateHead(1, template);
        MpathDisk disk = new(head);
        MpathDevice path = new(new MpathController(1), new TestDisk("path"));
        head.Add(path);
        path.SetLive();
        using (disk.Open())
        {
            head.Remove(path);

            Assert.Null(subsystem.TryGetHead(1));
            using MpathHead next = subsystem.CreateHead(1, template);
            Assert.Equal([next], subsystem.Heads);
            disk.Dispose();
            head.Dispose();
            Assert.Equal([next], subsystem.Heads);
        }

        Assert.False(head.TryGet());
    }
}

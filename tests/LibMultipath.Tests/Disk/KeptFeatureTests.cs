using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk;

/// <summary>A user who relies on what the disk can do keeps it so: a path that would change it is refused.</summary>
public sealed class KeptFeatureTests
{
    private static readonly QueueLimits s_registered = new() { Features = QueueFeatures.RegisteredBuffers };

    [Fact]
    public void A_path_that_lacks_a_kept_feature_is_refused_by_name_and_the_others_go_on()
    {
        using Rig rig = WithRegisteredBuffers();
        using MpathDiskHandle open = rig.Disk.Open();
        Assert.Equal(s_registered, open.Keep(QueueFeatures.RegisteredBuffers));

        MpathDevice unfit = rig.NewPath();
        ArgumentException refused = Assert.Throws<ArgumentException>(() => rig.Head.Add(unfit));

        Assert.Contains("path1 lacks RegisteredBuffers", refused.Message, StringComparison.Ordinal);
        Assert.Contains("use a path that has it", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, rig.Head.PathCount);
        Assert.Equal(QueueFeatures.RegisteredBuffers, rig.Disk.Limits.Features);
        Assert.Equal(0, rig.Pick());
    }

    [Fact]
    public void A_path_that_brings_what_the_disk_was_kept_without_is_refused()
    {
        using Rig rig = WithRegisteredBuffers();
        using MpathDiskHandle open = rig.Disk.Open();
        open.Keep(QueueFeatures.WriteCache);

        MpathDevice unfit = rig.NewPath(limits: s_registered with { Features = QueueFeatures.RegisteredBuffers | QueueFeatures.WriteCache });
        Assert.Contains("path1 has WriteCache", Assert.Throws<ArgumentException>(() => rig.Head.Add(unfit)).Message, StringComparison.Ordinal);
        Assert.Equal(QueueFeatures.RegisteredBuffers, rig.Disk.Limits.Features);
    }

    [Fact]
    public void A_path_that_fits_is_added_and_so_is_any_when_the_user_has_gone()
    {
        using Rig rig = WithRegisteredBuffers();
        MpathDiskHandle open = rig.Disk.Open();
        open.Keep(QueueFeatures.RegisteredBuffers);
        rig.AddPath(limits: s_registered);
        MpathDevice unfit = rig.NewPath();
        Assert.Throws<ArgumentException>(() => rig.Head.Add(unfit));

        open.Dispose();
        open.Dispose();

        rig.Head.Add(unfit);
        Assert.Equal(QueueFeatures.None, rig.Disk.Limits.Features);
        Assert.Throws<ObjectDisposedException>(() => open.Keep(QueueFeatures.None));
    }

    [Fact]
    public void One_user_who_goes_does_not_take_what_another_one_keeps()
    {
        using Rig rig = WithRegisteredBuffers();
        using MpathDiskHandle stays = rig.Disk.Open();
        stays.Keep(QueueFeatures.RegisteredBuffers);
        using (MpathDiskHandle goes = rig.Disk.Open())
        {
            goes.Keep(QueueFeatures.RegisteredBuffers);
            goes.Keep(QueueFeatures.None);
        }

        Assert.Throws<ArgumentException>(() => rig.Head.Add(rig.NewPath()));
    }

    [Fact]
    public void A_path_that_needs_a_stricter_alignment_than_the_user_has_is_refused()
    {
        using Rig rig = WithRegisteredBuffers();
        using MpathDiskHandle open = rig.Disk.Open();
        open.Keep(QueueFeatures.None, 511);
        rig.AddPath(limits: new QueueLimits { DmaAlignment = 511 });

        string refused = Assert.Throws<ArgumentException>(() => rig.Head.Add(rig.NewPath(limits: new QueueLimits { DmaAlignment = 1023 }))).Message;

        Assert.Contains("path2 needs data aligned to 1024 bytes", refused, StringComparison.Ordinal);
        Assert.Contains("aligns to 512", refused, StringComparison.Ordinal);
        Assert.Equal(511, rig.Disk.Limits.DmaAlignment);
        open.Keep(QueueFeatures.None);
        rig.AddPath(limits: new QueueLimits { DmaAlignment = 1023 });
    }

    [Fact]
    public void A_revalidation_that_finds_a_path_without_a_kept_feature_changes_nothing()
    {
        using Rig rig = WithRegisteredBuffers();
        MpathDevice path = rig.AddPath(limits: s_registered);
        using MpathDiskHandle open = rig.Disk.Open();
        open.Keep(QueueFeatures.RegisteredBuffers);
        rig[1].Limit(new QueueLimits());

        Assert.Contains(path.Name, Assert.Throws<ArgumentException>(() => rig.Head.Revalidate(4096)).Message, StringComparison.Ordinal);
        Assert.Equal((2048, QueueFeatures.RegisteredBuffers), (rig.Disk.CapacitySectors, rig.Disk.Limits.Features));
    }

    private static Rig WithRegisteredBuffers()
    {
        var rig = new Rig(paths: 0);
        rig.AddPath(limits: s_registered);
        rig.Work.RunAll();
        return rig;
    }
}

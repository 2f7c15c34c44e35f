using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>Servers whose connections do not see each other's writes: one path is used, the others stand by.</summary>
public sealed class OneConnectionTests(ITestOutputHelper output) : IDisposable
{
    private static readonly NbdkitOptions s_alone = new() { Filters = ["multi-conn"], Parameters = ["multi-conn-mode=disable"] };

    private readonly TempFolder _folder = new();
    private readonly NbdRig _rig = new();
    private readonly List<NbdkitServer> _servers = [];

    public void Dispose()
    {
        _rig.Dispose();
        _servers.ForEach(server => server.Dispose());
        _folder.Dispose();
    }

    [ToolFact("nbdkit")]
    public void One_path_is_used_and_the_others_stand_by()
    {
        AddThree();

        Assert.All(_rig.Paths, path => Assert.False(path.CanMultiConn));
        Assert.Equal([MpathAccessState.Optimized, MpathAccessState.Other, MpathAccessState.Other], _rig.Devices.Select(path => path.AccessState));
    }

    [ToolFact("nbdkit")]
    public void A_server_whose_connections_are_one_gets_all_paths_optimized()
    {
        using NbdkitServer server = NbdkitServer.Memory(_folder, "a", "1M");
        _rig.Add(Addresses.Of(server));
        _rig.Add(Addresses.Of(server));

        Assert.All(_rig.Paths, path => Assert.True(path.CanMultiConn));
        Assert.All(_rig.Devices, path => Assert.Equal(MpathAccessState.Optimized, path.AccessState));
    }

    [ToolFact("nbdkit")]
    public async Task Another_takes_over_when_the_one_fails_and_keeps_it()
    {
        AddThree();
        using var load = new VerifiedLoad(_rig.Disk, Seeds.Next(output));
        load.AwaitProgress();

        _rig.Paths[0].Fail();
        Eventually.True(() => Optimized().Length == 1 && _rig.Devices[0].AccessState != MpathAccessState.Optimized, "another path to take over");
        load.AwaitProgress();
        MpathDevice taken = Assert.Single(Optimized());
        _rig.Paths[0].Restore();
        load.AwaitProgress();

        Assert.Same(taken, Assert.Single(Optimized()));
        await load.AssertGoodAsync();
    }

    [ToolFact("nbdkit")]
    public async Task Another_takes_over_when_the_one_is_removed()
    {
        AddThree();
        using var load = new VerifiedLoad(_rig.Disk, Seeds.Next(output));
        load.AwaitProgress();

        _rig.Head.Remove(_rig.Devices[0]);
        Eventually.True(() => Optimized().Any(path => path != _rig.Devices[0]), "another path to take over");
        load.AwaitProgress();

        await load.AssertGoodAsync();
    }

    [ToolFact("nbdkit")]
    public async Task Another_takes_over_each_time_a_server_is_killed()
    {
        AddThree();
        using var load = new VerifiedLoad(_rig.Disk, Seeds.Next(output));

        for (int i = 0; i < 9; i++)
        {
            load.AwaitProgress(100);
            _servers[i % _servers.Count].Kill();
            load.AwaitProgress(100);
            _servers[i % _servers.Count].Start();
            Assert.InRange(Optimized().Length, 0, 1);
        }

        await load.AssertGoodAsync();
    }

    private MpathDevice[] Optimized() => [.. _rig.Devices.Where(path => path.AccessState == MpathAccessState.Optimized && !path.IsRemoved)];

    private void AddThree()
    {
        string image = _folder.File("image", 4 << 20);
        for (int i = 0; i < 3; i++)
        {
            _servers.Add(NbdkitServer.File(_folder, $"s{i}", image, s_alone));
            _rig.Add(Addresses.Of(_servers[i]), times: Times.Quick);
        }
    }
}

using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>A head and its disk over NBD paths, which it takes with it.</summary>
internal sealed class NbdRig : IDisposable
{
    public NbdRig(PathSelector? selector = null, MpathHeadOptions? options = null)
    {
        Head = new MpathHead("head", new NbdHeadTemplate(new MpathIoPolicy(selector ?? IoPolicies.RoundRobin)), options);
        Disk = new MpathDisk(Head);
    }

    public MpathHead Head { get; }

    public MpathDisk Disk { get; }

    /// <summary>In the order in which they were added.</summary>
    public List<NbdPath> Paths { get; } = [];

    /// <summary>As the head sees them.</summary>
    public List<MpathDevice> Devices { get; } = [];

    /// <summary>Adds a path with a controller of its own, connected unless that is not wanted.</summary>
    public NbdPath Add(NbdAddress address, Func<NbdPathOptions, NbdPathOptions>? with = null, FailureTimes? times = null, bool connect = true, MpathAccessState? state = null)
    {
        int id = Paths.Count;
        var options = new NbdPathOptions { Address = address };
        var path = new NbdPath($"path{id}", with is null ? options : with(options));
        try
        {
            if (connect)
            {
                path.Connect();
            }

            var controller = new MpathController(id);
            if (times is not null)
            {
                controller.FailureTimes = times;
            }

            Devices.Add(path.AddTo(Head, controller, accessState: state));
            Paths.Add(path);
            return path;
        }
        catch
        {
            path.Dispose();
            throw;
        }
    }

    /// <summary>Waits until paths are usable; the test fails with how their connections are.</summary>
    public void AwaitUsable(params int[] paths)
    {
        long start = Stopwatch.GetTimestamp();
        while (!Array.TrueForAll(paths, path => Devices[path].IsUsable))
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Eventually.Limit, string.Join("; ", paths.Select(path => $"{Devices[path]}, {Devices[path].Controller}: {Paths[path].ConnectionState}")));
            Thread.Sleep(1);
        }
    }

    public BlockStatus Write(long sector, byte[] data, BioFlags flags = BioFlags.None) => Await(Disk.WriteAsync(sector, data, flags));

    public byte[] Read(long sector, int bytes)
    {
        byte[] data = new byte[bytes];
        Assert.Equal(BlockStatus.Ok, Await(Disk.ReadAsync(sector, data)));
        return data;
    }

    /// <summary>How an I/O ends; it must.</summary>
    public static BlockStatus Await(ValueTask<BlockStatus> io) => io.AsTask().WaitAsync(Eventually.Limit).GetAwaiter().GetResult();

    public void Dispose()
    {
        foreach (MpathDevice path in Head.Paths)
        {
            Head.Remove(path);
        }

        Disk.Dispose();
        Head.Dispose();
    }
}

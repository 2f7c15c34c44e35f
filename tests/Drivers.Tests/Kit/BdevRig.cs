using BdevDriver;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;
using LoopDriver;

namespace Drivers.Tests.Kit;

/// <summary>A head disk over paths to disks that are one file, each with a state of its own.</summary>
internal sealed class BdevRig : HeadRig
{
    public const string Id = "naa.60014053d1e5b1a8f7e4a5e9d5e01234";

    private readonly LoopEngine _engine;
    private readonly string _file;

    public BdevRig(LoopEngine engine = LoopEngine.Auto)
        : base(new BdevHeadTemplate(new MpathIoPolicy(IoPolicies.RoundRobin)))
    {
        _engine = engine;
        _file = Devices.Folder.Make("disk", FakeDevices.Size);
    }

    public FakeDevices Devices { get; } = new();

    public BdevHeadTemplate Template => (BdevHeadTemplate)Head.Template;

    public RecordingLogger Log { get; } = new();

    /// <summary>Adds a path through a device of its own.</summary>
    public (BdevPath Path, FakeDevice Device) Add(
        Action<FakeDevice>? with = null, MpathAccessState? accessState = null, Func<BdevOptions, BdevOptions>? options = null)
    {
        int number = Head.PathCount;

        // Each device has a file of its own name: it is by that that it is known.
        string name = Devices.Folder.NameOf($"link{number}-{Guid.NewGuid():N}");
        CreateLink(_file, name);
        FakeDevice device = Devices.Add($"sd{(char)('a' + number)}", Id, name);
        with?.Invoke(device);
        BdevPath path = Devices.Open(
            device,
            usual =>
            {
                BdevOptions logged = usual with { Engine = _engine, Logger = Log };
                return options is null ? logged : options(logged);
            },
            $"path{number}");
        path.AddTo(Head, new MpathController(number), accessState: accessState);
        return (path, device);
    }

    public override void Dispose()
    {
        base.Dispose();
        Devices.Dispose();
    }

    // One file under several names: a hard link, so that each name is a file's and no link's.
    private static void CreateLink(string file, string name)
    {
        using var link = System.Diagnostics.Process.Start("ln", [file, name]);
        link.WaitForExit();
        Assert.Equal(0, link.ExitCode);
    }
}

using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A device that is served here, and that is gone when the test ends, whatever happened.</summary>
internal sealed class UblkRig : IDisposable
{
    public const long Megabyte = 1 << 20;

    private readonly string? _path;
    private readonly SafeFileHandle? _file;

    private UblkRig(Func<SafeFileHandle, UblkTarget> target, UblkFeatures features, Func<UblkParameters, UblkParameters>? parameters,
        UblkDeviceOptions? shape, UblkRunnerOptions? runner, long megabytes)
    {
        _path = Path.Combine(Path.GetTempPath(), $"ublk-{Guid.NewGuid():N}");
        _file = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.None, megabytes * Megabyte);
        RandomAccess.SetLength(_file, megabytes * Megabyte);
        Target = target(_file);
        Control = UblkControl.Open();
        var asked = new UblkParameters
        {
            DevSectors = megabytes * Megabyte / 512,
            Attributes = UblkAttributes.VolatileCache,
            Discard = new UblkDiscard { Granularity = 4096, MaxSectors = 1 << 16, MaxWriteZeroesSectors = 1 << 16 },
        };
        shape ??= new UblkDeviceOptions { Parameters = asked };
        Device = UblkDevice.Create(Control, shape with { Features = features, Parameters = parameters is null ? asked : parameters(asked) });
        try
        {
            Runner = UblkRunner.Start(Device, Target, runner);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public UblkControl Control { get; }

    public UblkDevice Device { get; }

    public UblkRunner? Runner { get; private set; }

    public UblkTarget Target { get; }

    public string Disk => Device.BlockPath;

    /// <summary>Starts a device over a file of its own.</summary>
    public static UblkRig Start(
        UblkFeatures features = UblkFeatures.None,
        Func<SafeFileHandle, UblkTarget>? target = null,
        Func<UblkParameters, UblkParameters>? parameters = null,
        UblkDeviceOptions? shape = null,
        UblkRunnerOptions? runner = null,
        long megabytes = 64) => new(target ?? (file => new FileTarget(file)), features, parameters, shape, runner, megabytes);

    /// <summary>What the kernel's block layer says of the disk.</summary>
    public string Sysfs(string file) => File.ReadAllText($"/sys/block/ublkb{Device.Id}/{file}").Trim();

    public void Dispose()
    {
        Runner?.Stop(TimeSpan.FromSeconds(20));
        Runner?.Dispose();
        Runner = null;
        Device.Delete(TimeSpan.FromSeconds(20));
        Device.Dispose();
        Control.Dispose();
        _file?.Dispose();
        File.Delete(_path!);
    }
}

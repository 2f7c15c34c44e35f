using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver.Devices;

/// <summary>A disk, or a partition of one, in sysfs. What is not there, or cannot be read, is null.</summary>
internal sealed class DeviceFolder
{
    private DeviceFolder(string path) => Path = path;

    /// <summary>The folder itself, and no link to it: another device never has the same while this one is there.</summary>
    public string Path { get; }

    /// <summary>What the kernel calls the device, such as <c>sda1</c>.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Whether the device is still there.</summary>
    public bool Exists => Directory.Exists(Path);

    public bool IsPartition => File.Exists($"{Path}/partition");

    /// <summary>The disk, for a partition; else this.</summary>
    public DeviceFolder Disk => IsPartition ? new DeviceFolder(System.IO.Path.GetDirectoryName(Path)!) : this;

    /// <summary>The kind of device that a disk is made of, such as <c>scsi</c>.</summary>
    public string? Subsystem => TargetOf($"{Disk.Path}/device/subsystem") is { } target ? System.IO.Path.GetFileName(target) : null;

    /// <summary>Finds a device.</summary>
    /// <param name="sysfs">Where sysfs is.</param>
    /// <param name="number">The device.</param>
    public static DeviceFolder? Find(string sysfs, DeviceNumber number) =>
        TargetOf($"{sysfs}/dev/block/{number}") is { } target ? new DeviceFolder(target) : null;

    /// <summary>The first line of an attribute, without blanks at its ends.</summary>
    public string? Text(string attribute)
    {
        try
        {
            return File.ReadAllText($"{Path}/{attribute}").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public byte[]? Bytes(string attribute)
    {
        try
        {
            return File.ReadAllBytes($"{Path}/{attribute}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>An attribute, to be read again and again.</summary>
    public SafeFileHandle? Open(string attribute)
    {
        try
        {
            return File.OpenHandle($"{Path}/{attribute}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public long? Number(string attribute) =>
        long.TryParse(Text(attribute), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string? TargetOf(string link)
    {
        try
        {
            return Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

using BdevDriver.Devices;
using LoopDriver;

namespace BdevDriver;

/// <summary>How a path to a block device is.</summary>
public sealed record BdevOptions : DescriptorOptions
{
    /// <summary>The device, by any of its names, such as <c>/dev/sda</c>: a disk, or a partition of one.</summary>
    public required string Device { get; init; }

    /// <summary>How often the device is looked at while something is wrong with it.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often it is looked at while all is well: its access state changes without an I/O that fails.</summary>
    public TimeSpan CalmPoll { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Answers what only block devices do.</summary>
    internal DeviceSystem System { get; init; } = DeviceSystem.Linux;
}

namespace LoopDriver;

/// <summary>What a file is, whatever its names are.</summary>
/// <param name="DeviceMajor">The device that its file system is on: major number.</param>
/// <param name="DeviceMinor">The device that its file system is on: minor number.</param>
/// <param name="Inode">Its number there.</param>
public readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode)
{
    /// <inheritdoc/>
    public override string ToString() => $"device {DeviceMajor}:{DeviceMinor}, inode {Inode}";
}

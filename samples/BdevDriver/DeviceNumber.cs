namespace BdevDriver;

/// <summary>What the kernel calls a device (<c>dev_t</c>).</summary>
/// <param name="Major">Whose driver's it is.</param>
/// <param name="Minor">Which of the driver's.</param>
public readonly record struct DeviceNumber(uint Major, uint Minor)
{
    /// <summary>As in sysfs, such as <c>8:16</c>.</summary>
    public override string ToString() => $"{Major}:{Minor}";
}

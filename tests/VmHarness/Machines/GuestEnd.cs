namespace VmHarness.Machines;

/// <summary>How a guest ended.</summary>
/// <param name="Status">The exit status of <c>eng/vm/run</c>; what it means stands there.</param>
/// <param name="After">How long it lived.</param>
/// <param name="Console">The last of what it said.</param>
internal sealed record GuestEnd(int Status, TimeSpan After, string Console)
{
    public string Summary => $"The guest ended with status {Status} after {After.TotalSeconds:F0} s";

    public bool TimeWasOver => Status == 124;

    public string LastLine => Console.TrimEnd().Split('\n')[^1];

    /// <summary>
    /// Emulation by qemu before 8.1 may run code of the kernel that another processor has just patched, and so meet a
    /// breakpoint that is no longer there. No program in the guest can do that.
    /// </summary>
    public bool BrokenByEmulator => Console.Contains("Oops: int3", StringComparison.Ordinal);
}

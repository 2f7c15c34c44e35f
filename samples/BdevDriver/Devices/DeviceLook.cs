using LibMultipath.Paths;

namespace BdevDriver.Devices;

/// <summary>A device at one moment, as sysfs has it.</summary>
/// <param name="Condition">What follows for its path.</param>
/// <param name="State">Its state in the words of its driver; <c>gone</c>, or <c>present</c> for a device that has no state.</param>
/// <param name="Access">What its access state is; null for a device that has none (no ALUA, no ANA), or does not say.</param>
internal readonly record struct DeviceLook(DeviceCondition Condition, string State, MpathAccessState? Access)
{
    private const string GoneState = "gone";
    private const string PlainState = "present";

    /// <summary>One that nobody could look at.</summary>
    public static DeviceLook Unknown { get; } = new(DeviceCondition.Down, "unknown", null);

    /// <summary>Whether I/O can be sent to it.</summary>
    public bool TakesIo => Condition == DeviceCondition.Works && Access != MpathAccessState.Other;

    /// <summary>Whether an error may come of an access state that the kernel does not know of yet.</summary>
    public bool MayBeSettling => TakesIo && Access is not null;

    /// <summary>Looks at a device. Reads a few small files, and waits for nothing.</summary>
    /// <param name="device">Where it is.</param>
    /// <param name="sequence">Its number among all disks that there have been; 0 for unknown.</param>
    public static DeviceLook At(DeviceFolder device, ulong sequence)
    {
        DeviceFolder disk = device.Disk;
        string? state = disk.Text("device/state");
        MpathAccessState? access = AccessOf(disk.Text("device/access_state") ?? disk.Text("ana_state"));

        // Last, because a device that has gone has no state any more.
        return device.Exists && (sequence == 0 || disk.Number("diskseq") is not { } now || (ulong)now == sequence)
            ? new DeviceLook(ConditionOf(state), state ?? PlainState, access)
            : new DeviceLook(DeviceCondition.Gone, GoneState, null);
    }

    /// <summary>What the state of a SCSI device (<c>sdev_states</c>) or of an NVMe controller means.</summary>
    public static DeviceCondition ConditionOf(string? state) => state switch
    {
        null or "running" or "live" => DeviceCondition.Works,

        // offline, transport-offline, blocked, quiesce, cancel, deleted; connecting, resetting, deleting, dead; and what a
        // later kernel may have: other paths are better.
        _ => DeviceCondition.Down,
    };

    /// <summary>What a state of ALUA or ANA means; null for no state.</summary>
    public static MpathAccessState? AccessOf(string? state) => state switch
    {
        null or "" => null,
        "active/optimized" or "optimized" => MpathAccessState.Optimized,

        // Some blocks of it are not optimized.
        "active/non-optimized" or "non-optimized" or "lba-dependent" => MpathAccessState.NonOptimized,

        // standby, unavailable, offline, transitioning; inaccessible, persistent-loss, change.
        _ => MpathAccessState.Other,
    };
}

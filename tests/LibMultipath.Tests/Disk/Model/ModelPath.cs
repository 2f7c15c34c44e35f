using LibMultipath.Paths;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Disk.Model;

/// <summary>What a path is supposed to be, kept beside the real one.</summary>
internal sealed class ModelPath(MpathDevice real)
{
    public MpathDevice Real { get; } = real;

    public TestDisk Disk => (TestDisk)Real.Disk;

    public MpathAccessState State { get; set; } = real.AccessState;

    public bool Ready { get; set; } = true;

    public bool Pending { get; set; }

    public bool Mismatch { get; set; }

    public bool Removed { get; set; }

    public MpathControllerState Controller { get; set; } = MpathControllerState.Live;

    public bool Enabled => Ready && !Pending && !Mismatch && !Removed && (Controller is MpathControllerState.Live or MpathControllerState.Deleting);

    public bool Optimized => Enabled && State == MpathAccessState.Optimized;

    public bool Usable => Enabled && (State is MpathAccessState.Optimized or MpathAccessState.NonOptimized);

    public bool MayComeBack => !Removed && (Controller is MpathControllerState.Live or MpathControllerState.Resetting or MpathControllerState.Connecting);
}

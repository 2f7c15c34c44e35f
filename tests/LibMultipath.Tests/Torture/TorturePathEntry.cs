using LibMultipath.Paths;

namespace LibMultipath.Tests.Torture;

/// <summary>A path as the plan knows it.</summary>
internal sealed record TorturePathEntry(TorturePath Disk, MpathDevice Device)
{
    /// <summary>Whether nothing that the plan did keeps I/O from it. A state that is being read anew comes back by itself.</summary>
    public bool Works =>
        !Disk.IsDead && Device.IsLive && Device.AccessState != MpathAccessState.Other
        && Device.Controller.State is MpathControllerState.Live or MpathControllerState.Deleting;
}

namespace LibMultipath.Paths;

/// <summary>Where a controller is in its life (<c>enum nvme_ctrl_state</c>).</summary>
public enum MpathControllerState
{
    /// <summary>It works.</summary>
    Live,

    /// <summary>It is being reset; it may come back.</summary>
    Resetting,

    /// <summary>The connection to it is being made; it may come back.</summary>
    Connecting,

    /// <summary>It is being deleted; what it has it still carries out.</summary>
    Deleting,

    /// <summary>It will not come back.</summary>
    Dead,
}

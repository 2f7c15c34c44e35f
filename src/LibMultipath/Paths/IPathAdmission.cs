namespace LibMultipath.Paths;

/// <summary>
/// Vouches for the paths of a head: none is used before it was admitted, and one that has not worked is admitted anew.
/// Stands above the head, so it is seen through this.
/// </summary>
internal interface IPathAdmission
{
    /// <summary>
    /// The state of a path has changed: it may wait to be admitted (<see cref="MpathDevice.WorksButIsKeptBack"/>), or not
    /// work any more. On the thread that changed it; must not block.
    /// </summary>
    void PathChanged();
}

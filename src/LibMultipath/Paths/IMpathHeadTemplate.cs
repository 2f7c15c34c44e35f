namespace LibMultipath.Paths;

/// <summary>
/// What a driver supplies for a head (the proposal's <c>struct mpath_head_template</c>). An ability that not every
/// driver has is an interface of its own that the same object may implement: <see cref="IMpathBioCloner"/>,
/// <see cref="IMpathRemoveHead"/>, <see cref="IMpathModule"/>, <see cref="IMpathPolicyFilter"/>.
/// </summary>
public interface IMpathHeadTemplate
{
    /// <summary>The policy object that the head uses; several heads may share one. The same object at every call.</summary>
    MpathIoPolicy Policy { get; }

    /// <summary>
    /// Whether this path may come back although it cannot be used now (<c>available_path</c>), so that I/O should
    /// wait for it. Called inside a read section of the head; it must not block.
    /// </summary>
    /// <param name="path">A path of the head that uses this template.</param>
    bool AvailablePath(MpathDevice path);

    /// <summary>
    /// Asks the driver to read a path's state anew, because an I/O ended with an access-state error. The path is
    /// disabled until the driver sets <see cref="MpathDevice.AccessState"/>. Called on the thread that ended the I/O;
    /// it must not block.
    /// </summary>
    /// <param name="path">The path.</param>
    void RereadState(MpathDevice path);
}

namespace LibMultipath.Ublk.Control;

/// <summary>One command to /dev/ublk-control.</summary>
/// <param name="Number">The command, one of <see cref="Abi.UblkCommand"/>.</param>
/// <param name="Id">The device; -1 for none or any.</param>
/// <param name="Data">The inline argument.</param>
internal readonly record struct ControlCommand(uint Number, int Id, ulong Data = 0);

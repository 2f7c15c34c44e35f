using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;

namespace LibMultipath.Ublk.Tests.Kit;

/// <summary>Deletes a device that outlives its server, whatever happens: a test that fails must not leave I/O waiting.</summary>
internal sealed class DeletedInTheEnd(UblkControl control, int id) : IDisposable
{
    public void Dispose() => control.TryRun(new ControlCommand(UblkCommand.UBLK_U_CMD_DEL_DEV_ASYNC, id), [], null, default);
}

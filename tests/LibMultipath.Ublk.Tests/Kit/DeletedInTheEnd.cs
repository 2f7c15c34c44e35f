using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;

namespace LibMultipath.Ublk.Tests.Kit;

/// <summary>Deletes devices that outlive their server, whatever happens: a test that fails must not leave I/O waiting.</summary>
internal sealed class DeletedInTheEnd(UblkControl control, params IEnumerable<int> ids) : IDisposable
{
    public void Dispose()
    {
        foreach (int id in ids)
        {
            control.TryRun(new ControlCommand(UblkCommand.UBLK_U_CMD_DEL_DEV_ASYNC, id), [], null, default);
        }
    }
}

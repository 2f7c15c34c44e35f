using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;

namespace UblkNull.Zones;

/// <summary>Remembers what was written where in its zones, but not what: a host-managed disk that reads as zeroes.</summary>
internal sealed class ZonedNullTarget(ZoneTable zones) : UblkTarget
{
    protected override void Handle(UblkRequest request)
    {
        switch (request.Op)
        {
            case UblkOp.ReportZones:
                request.CompleteReport(zones.Report(request.Sector, (int)request.Sectors));
                break;
            case UblkOp.ZoneAppend when zones.Append(request.Sector, (int)request.Sectors, out long sector) is var error:
                _ = error == Errno.None ? request.CompleteAppend(sector) : request.Fail(error);
                break;
            default:
                Errno failed = Do(request);
                _ = failed == Errno.None ? request.Complete() : request.Fail(failed);
                break;
        }
    }

    private Errno Do(UblkRequest request) => request.Op switch
    {
        // The buffers are zeroes that nobody has touched.
        UblkOp.Read => request.Queue.Mode == UblkDataMode.UserCopy ? request.CopyOut() : Errno.None,
        UblkOp.Write => zones.Write(request.Sector, (int)request.Sectors),
        UblkOp.Flush => Errno.None,
        UblkOp.ZoneOpen => zones.Open(request.Sector),
        UblkOp.ZoneClose => zones.Close(request.Sector),
        UblkOp.ZoneFinish => zones.Finish(request.Sector),
        UblkOp.ZoneReset => zones.Reset(request.Sector),
        UblkOp.ZoneResetAll => zones.ResetAll(),
        _ => Errno.EOPNOTSUPP,
    };
}

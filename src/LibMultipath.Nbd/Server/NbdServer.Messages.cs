using LibMultipath.Block;
using LibMultipath.Nbd.Protocol;
using LibMultipath.Work;

namespace LibMultipath.Nbd.Server;

// What clients can cause to be logged is logged so often only; and later, on another thread: a logger may throw, or write
// to this very disk.
public sealed partial class NbdServer
{
    private readonly LogRateLimit _usingLimit = new();
    private readonly LogRateLimit _endedLimit = new();
    private readonly LogRateLimit _requestLimit = new();
    private readonly LogRateLimit _optionLimit = new();
    private readonly LogRateLimit _faultLimit = new();

    private readonly LogRateLimit _acceptLimit = new();
    private readonly DeferredLog _log = new(WorkScheduler.Default);

    internal void LogUsing(ServerConnection connection, long bytes)
    {
        if (_usingLimit.TryTake(out int suppressed))
        {
            (string peer, string export) = (connection.PeerName, connection.Export!.Export.Name);
            _log.Write(() => Logger.Using(peer, export, bytes, suppressed));
        }
    }

    private void LogAcceptFailed(Exception exception)
    {
        if (_acceptLimit.TryTake(out int suppressed))
        {
            _log.Write(() => Logger.AcceptFailed(exception, LocalEndPoint, AcceptPause, suppressed));
        }
    }

    private void LogWatchFailed(string peer, Exception exception)
    {
        if (_faultLimit.TryTake(out int suppressed))
        {
            _log.Write(() => Logger.WatchFailed(exception, peer, suppressed));
        }
    }

    internal void LogEnded(string peer, string? reason)
    {
        if (reason is null)
        {
            _log.Write(() => Logger.Gone(peer));
        }
        else if (_endedLimit.TryTake(out int suppressed))
        {
            _log.Write(() => Logger.Ended(peer, reason, suppressed));
        }
    }

    internal void LogFaulted(string peer, Exception exception)
    {
        if (_faultLimit.TryTake(out int suppressed))
        {
            _log.Write(() => Logger.Faulted(exception, peer, suppressed));
        }
    }

    internal void LogRefused(string peer, in NbdRequest request, string reason)
    {
        if (_requestLimit.TryTake(out int suppressed))
        {
            NbdRequest asked = request;
            _log.Write(() => Logger.RequestRefused(peer, reason, (ushort)asked.Command, (ushort)asked.Flags, asked.Offset, asked.Length, suppressed));
        }
    }

    internal void LogRefused(string peer, NbdOption option, string reason)
    {
        if (_optionLimit.TryTake(out int suppressed))
        {
            _log.Write(() => Logger.OptionRefused(peer, (uint)option, reason, suppressed));
        }
    }
}

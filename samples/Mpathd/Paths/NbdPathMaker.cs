using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd;
using LibMultipath.Nbd.Client;
using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>Makes paths to an export of an NBD server, each with a connection and a controller of its own.</summary>
internal sealed class NbdPathMaker(NbdPathSpec spec, PathMakerOptions how) : DriverPathMaker<NbdPath>
{
    protected override string GiveTheSame => "give paths to exports of the same data: nbdinfo shows what a server has";

    /// <summary>Whether an error of connecting says that the server is not there, and not that it refuses or has no such export.</summary>
    public static bool IsAbsent(BlockException exception) => exception is { Errno: Errno.ENOENT, InnerException: SocketException }
        || exception.Errno is Errno.ECONNREFUSED or Errno.ECONNRESET or Errno.ETIMEDOUT
        or Errno.EHOSTUNREACH;

    protected override NbdPath Open(int number)
    {
        var path = new NbdPath($"nbd{number}", new NbdPathOptions
        {
            Address = spec.Address,
            Tls = spec.Certificates is { } folder ? NbdTls.ForClient(folder) : null,
            ReadOnly = how.ReadOnly,
            Logger = how.Logger,
        });
        try
        {
            if (how.MustConnect)
            {
                path.Connect(how.Cancellation);
            }

            return path;
        }
        catch
        {
            path.Dispose();
            throw;
        }
    }

    protected override ManagedPath Add(MpathHead head, NbdPath path, int number)
    {
        if (path.IsConnected && head.PathCount > 0 && path.CapacitySectors != head.CapacitySectors)
        {
            throw MpathdException.WrongArguments(
                $"{spec.Address} has {SizeText.Format(path.CapacitySectors * QueueLimits.SectorSize)}, the disk {SizeText.Format(head.CapacitySectors * QueueLimits.SectorSize)}", GiveTheSame);
        }

        var controller = new MpathController(number) { FailureTimes = spec.Times };
        return new ManagedPath(path.AddTo(head, controller, spec.Node, spec.State), path.Drop, path.Fail, () => Restore(path));
    }

    protected override string RemedyOf(BlockException exception) => exception.Errno switch
    {
        _ when IsAbsent(exception) => "start the server, such as with nbdkit -U /run/a.sock file disk.img, or name another one",
        Errno.EACCES or Errno.EPERM => "let this user use the socket, or run as a user who may",
        Errno.EROFS => "serve it with --read-only",
        Errno.EMFILE or Errno.ENFILE => "allow more open files, such as with ulimit -n 4096 or LimitNOFILE",
        _ => "see with nbdinfo what the server has",
    };

    private void Restore(NbdPath path) => Try(() =>
    {
        path.Restore();
        return path;
    });
}

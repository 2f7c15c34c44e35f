using LibMultipath.Nbd.Client;
using Mpathd.Paths;

namespace Mpathd.Demo;

/// <summary>
/// A path to an export process. To fail is that the process is killed, and nobody tells the path; to work again is that it
/// is started, and the path finds it.
/// </summary>
internal sealed class ExportedPath : ManagedPath
{
    // Attempts to connect are made every few milliseconds.
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(30);

    private readonly NbdPath _path;

    /// <summary>Takes a path that was made to an export that runs.</summary>
    public ExportedPath(ManagedPath path, ExportProcess export)
        : base(path)
    {
        _path = (NbdPath)path.Device.Disk;
        Export = export;
    }

    /// <summary>Where it leads; another path may lead there when this one has been removed.</summary>
    public ExportProcess Export { get; }

    public override void Fail()
    {
        IsFailed = true;
        Export.Kill();
    }

    public override void Restore()
    {
        if (!IsFailed)
        {
            return;
        }

        Export.Start();
        if (!SpinWait.SpinUntil(() => _path.IsConnected, s_connectLimit))
        {
            throw MpathdException.Failed(
                $"{Device.Name} has not found its export again within {s_connectLimit.TotalSeconds:0} s: {_path.ConnectionState}", "report it with the seed");
        }

        IsFailed = false;
    }
}

using LibMultipath.Disk;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Host;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Runner;
using Microsoft.Extensions.Logging;
using Mpathd.Serving;

namespace Mpathd.Ublk;

/// <summary>Shows a disk as <c>/dev/ublkbN</c>.</summary>
internal sealed class UblkDiskHost : IDiskHost
{
    private readonly UblkHost _host;
    private readonly bool _recovered;

    private UblkDiskHost(UblkHost host, bool recovered)
    {
        _host = host;
        _recovered = recovered;
    }

    public string Name => _host.BlockPath;

    public IReadOnlyList<string> Clients => [];

    public string LastResort => "see which path does not answer, then mpathd ublk list and mpathd ublk delete ID";

    public Task Ended => _host.Ended;

    public bool CanResize => (_host.Info.Features & UblkFeatures.UpdateSize) != 0;

    public string? WhenResized => null;

    /// <summary>What makes such hosts.</summary>
    /// <param name="logger">Where they log.</param>
    public static DiskHostStart Starter(ILogger logger) => (disk, identity, options, cancellation) => Start(disk, identity, options, logger, cancellation);

    /// <summary>Sees that this machine has what is needed, before anything is made.</summary>
    /// <exception cref="MpathdException">It has not.</exception>
    public static void EnsurePossible()
    {
        try
        {
            UblkControl.Open().Dispose();
        }
        catch (Exception exception) when (UblkProblems.Covers(exception))
        {
            throw UblkProblems.Of(exception);
        }
    }

    public bool FollowSize() => _host.FollowSize();

    public ServiceStatus Describe(ServiceStatus status) => status with
    {
        Device = new DiskHostStatus
        {
            BlockPath = _host.BlockPath,
            Id = _host.DeviceId,
            Queues = _host.Info.Queues,
            QueueDepth = _host.Info.QueueDepth,
            Mode = ModeOf(_host.Info.Features),
            Recovery = NameOf(UblkRecoveries.Of(_host.Info.Features)),
            Recovered = _recovered,
        },
    };

    public string? Leave(TimeSpan limit)
    {
        if (UblkRecoveries.Of(_host.Info.Features) == UblkRecovery.None)
        {
            Stop(limit);
            return null;
        }

        // What did not end is done again, or fails, as the device was made for.
        Guard(() => _host.Leave(limit));
        return $"mpathd serve --ublk {_host.DeviceId}";
    }

    public void Stop(TimeSpan limit)
    {
        try
        {
            if (!_host.Stop(limit))
            {
                throw MpathdException.Failed(
                    $"{Name} has gone before its I/O has ended, after {limit.TotalSeconds:0} s: that I/O has failed", "see which path does not answer");
            }
        }
        catch (UblkException exception) when (exception.Kind == UblkErrorKind.NotFound)
        {
            // Somebody was faster, and it is gone.
            return;
        }
        catch (Exception exception) when (UblkProblems.Covers(exception))
        {
            throw UblkProblems.Of(exception);
        }
    }

    public void Dispose() => Guard(_host.Dispose);

    private static void Guard(Action act)
    {
        try
        {
            act();
        }
        catch (Exception exception) when (UblkProblems.Covers(exception))
        {
            throw UblkProblems.Of(exception);
        }
    }

    private static UblkDiskHost Start(MpathDisk disk, string identity, ServeOptions options, ILogger logger, CancellationToken cancellation)
    {
        try
        {
            bool recovered = options.DeviceId is { } id && WaitsForServer(id);
            var host = UblkHost.Start(
                disk,
                new UblkHostOptions
                {
                    Id = options.DeviceId,
                    Queues = options.Queues,
                    QueueDepth = options.QueueDepth,
                    ReadOnly = options.ReadOnly,
                    Recovery = RecoveryOf(options.Recovery),
                    Mode = ModeOf(options.Mode, disk.IsZoned),
                    Batch = options.Mode == DataMode.Batch,
                    Identity = identity,
                    Runner = new UblkRunnerOptions { Logger = logger },
                },
                cancellation);
            return new UblkDiskHost(host, recovered);
        }
        catch (Exception exception) when (UblkProblems.Covers(exception))
        {
            throw UblkProblems.Of(exception);
        }
    }

    private static bool WaitsForServer(int id)
    {
        using var control = UblkControl.Open();
        return control.ListDevices().FirstOrDefault(device => device.Id == id)?.State is UblkDeviceState.Quiesced or UblkDeviceState.FailIo;
    }

    private static UblkRecovery RecoveryOf(DiskRecovery recovery) => recovery switch
    {
        DiskRecovery.Reissue => UblkRecovery.Reissue,
        DiskRecovery.Queue => UblkRecovery.Queue,
        DiskRecovery.FailIo => UblkRecovery.FailIo,
        _ => UblkRecovery.None,
    };

    // Where the kernel copies, an append cannot tell where it has written: nobody who has asked for nothing wants that.
    private static UblkDataMode ModeOf(DataMode mode, bool isZoned) => mode switch
    {
        DataMode.Copy when isZoned => UblkDataMode.UserCopy,
        DataMode.UserCopy => UblkDataMode.UserCopy,
        DataMode.ZeroCopy => UblkDataMode.AutoZeroCopy,
        _ => UblkDataMode.Copy,
    };

    // A device that was taken over goes on as it was added.
    private static string ModeOf(UblkFeatures features) => UblkDataModes.Of(features) switch
    {
        UblkDataMode.UserCopy => "user-copy",
        UblkDataMode.AutoZeroCopy => "zero-copy",
        _ when features.HasFlag(UblkFeatures.BatchIo) => "batch",
        _ => "copy",
    };

    private static string NameOf(UblkRecovery recovery) => recovery switch
    {
        UblkRecovery.Reissue => "reissue",
        UblkRecovery.Queue => "queue",
        UblkRecovery.FailIo => "fail-io",
        _ => "none",
    };
}

using System.Globalization;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace Mpathd.Tests.Machine;

/// <summary>
/// A SCSI logical unit in memory that this machine reaches through several hosts of its own (the kernel's target with
/// tcm_loop): several disks that are one, with persistent reservations and ALUA. As root, in a guest. One at a time.
/// </summary>
internal sealed class ScsiRig : IDisposable
{
    private const string Target = "/sys/kernel/config/target";
    private const string Unit = "rig";
    private const string Serial = "3d1e5b1a-8f7e-4a5e-9d5e-0123456789ab";
    private const int PageSize = 4096;

    private readonly List<ScsiRigPath> _paths = [];

    private ScsiRig(int megabytes)
    {
        // Where the target notes registrations: without it, it makes them and says that it has failed.
        Directory.CreateDirectory("/var/target/pr");
        Shell.Run("modprobe -a target_core_mod tcm_loop sd_mod sg scsi_dh_alua");
        Directory.CreateDirectory(Folder);
        Write($"{Folder}/control", string.Create(CultureInfo.InvariantCulture, $"rd_pages={((long)megabytes << 20) / PageSize}"));
        Write($"{Folder}/enable", "1");
        Write($"{Folder}/wwn/vpd_unit_serial", Serial);
        Write($"{Folder}/attrib/emulate_write_cache", "1");
    }

    /// <summary>The ways to the unit.</summary>
    public IReadOnlyList<ScsiRigPath> Paths => _paths;

    /// <summary>The id of the unit, as the kernel makes it of the serial number.</summary>
    public string Wwid { get; } = $"naa.6001405{Serial.Replace("-", "", StringComparison.Ordinal)[..25]}";

    private static string Folder => $"{Target}/core/rd_mcp_0/{Unit}";

    /// <summary>Makes the unit and the ways to it, and returns when all the disks are there.</summary>
    /// <param name="paths">How many ways.</param>
    /// <param name="megabytes">How large the unit is.</param>
    public static ScsiRig Build(int paths = 4, int megabytes = 64)
    {
        var rig = new ScsiRig(megabytes);
        try
        {
            for (int i = 0; i < paths; i++)
            {
                rig.AddPath();
            }

            return rig;
        }
        catch
        {
            rig.Dispose();
            throw;
        }
    }

    /// <summary>Makes one way more, and returns when its disk is there.</summary>
    public ScsiRigPath AddPath()
    {
        var path = new ScsiRigPath($"{Target}/loopback/naa.500140500000000{_paths.Count}", Folder, _paths.Count + 1);
        _paths.Add(path);
        path.Connect();
        path.WaitForDevice();
        return path;
    }

    /// <summary>Takes all of it away. Somebody who has a disk open keeps its unit, and fails the test.</summary>
    public void Dispose()
    {
        _paths.ForEach(path => path.Disconnect());
        Directory.Delete(Folder);
    }

    /// <summary>Sets an attribute of the kernel's.</summary>
    internal static void Write(string attribute, string value)
    {
        using var file = new FileStream(attribute, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(value + "\n"));
    }

    /// <summary>Waits for what the kernel does at its leisure.</summary>
    internal static void Wait(Func<bool> condition, string what) => Eventually.True(condition, what, TimeSpan.FromMinutes(1));
}

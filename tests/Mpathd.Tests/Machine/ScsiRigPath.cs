using System.Globalization;

namespace Mpathd.Tests.Machine;

/// <summary>A way to the unit of a <see cref="ScsiRig"/>: a host of its own, and a disk.</summary>
/// <param name="loopback">Its folder in the target.</param>
/// <param name="unit">The unit's.</param>
/// <param name="group">The number of its port group, of which only it is a member.</param>
internal sealed class ScsiRigPath(string loopback, string unit, int group)
{
    private string _address = "";

    /// <summary>The disk, such as <c>/dev/sda</c>; another one when it has been deleted and found again.</summary>
    public string Device => $"/dev/{Path.GetFileName(Directory.EnumerateDirectories($"{ScsiDevice}/block").Single())}";

    /// <summary>The state of the SCSI device: <c>running</c> or <c>offline</c> can be set.</summary>
    public string State
    {
        get => File.ReadAllText($"{ScsiDevice}/state").Trim();
        set => ScsiRig.Write($"{ScsiDevice}/state", value);
    }

    /// <summary>The access state in the target: 0 optimized, 1 non-optimized, 2 standby, 3 unavailable. The kernel hears of it from the next command.</summary>
    public int Access
    {
        set => ScsiRig.Write($"{Group}/alua_access_state", value.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The access state as far as the kernel knows.</summary>
    public string KnownAccess => File.ReadAllText($"{ScsiDevice}/access_state").Trim();

    private string ScsiDevice => $"/sys/class/scsi_device/{_address}/device";

    private string Group => $"{unit}/alua/group{group}";

    private string Lun => $"{loopback}/tpgt_1/lun/lun_0";

    /// <summary>Deletes the SCSI device, as when its cable is pulled for good.</summary>
    public void Delete() => ScsiRig.Write($"{ScsiDevice}/delete", "1");

    /// <summary>Has its host look for devices, and returns when the disk is there.</summary>
    public void Rescan()
    {
        ScsiRig.Write($"/sys/class/scsi_host/host{_address.Split(':')[0]}/scan", "- - -");
        WaitForDevice();
    }

    public void Connect()
    {
        Directory.CreateDirectory(Lun);
        ScsiRig.Write($"{loopback}/tpgt_1/nexus", Path.GetFileName(loopback));
        Directory.CreateDirectory(Group);
        ScsiRig.Write($"{Group}/tg_pt_gp_id", group.ToString(CultureInfo.InvariantCulture));
        Directory.CreateSymbolicLink($"{Lun}/{Path.GetFileName(unit)}", unit);
        ScsiRig.Write($"{Lun}/alua_tg_pt_gp", Path.GetFileName(Group));

        // The host and the target; the unit is the first one.
        _address = $"{File.ReadAllText($"{loopback}/tpgt_1/address").Trim()}:0";
    }

    public void WaitForDevice() => ScsiRig.Wait(
        () => Directory.Exists($"{ScsiDevice}/block") && Directory.EnumerateDirectories($"{ScsiDevice}/block").Any() && CanBeOpened(Device),
        $"the disk of {_address}");

    // It has a name for a moment before it has a driver.
    private static bool CanBeOpened(string device)
    {
        try
        {
            File.OpenHandle(device).Dispose();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Disconnect()
    {
        // The target counts a disk that was deleted as there, until it has taken it away itself.
        if (!Directory.Exists(ScsiDevice))
        {
            Rescan();
        }

        File.Delete($"{Lun}/{Path.GetFileName(unit)}");
        Directory.Delete(Lun);
        ScsiRig.Write($"{loopback}/tpgt_1/nexus", "NULL");
        Directory.Delete($"{loopback}/tpgt_1");
        Directory.Delete(loopback);
        Directory.Delete(Group);
    }
}

using System.Runtime.InteropServices;
using LibMultipath.Tests.Kit;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Tests.Control;
using LibMultipath.Ublk.Tests.Kit;

namespace LibMultipath.Ublk.Tests.Devices;

/// <summary>
/// The commands of a user who is not root: of one thread, that is, whose user is changed by the system call itself, which
/// unlike the C library's function leaves the other threads alone. The test does what a udev rule would.
/// </summary>
public sealed partial class UnprivilegedTests
{
    private const int Nobody = 65534;
    private const UnixFileMode Everyone = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    [UblkFact]
    public void U25_who_is_not_root_is_told_so()
    {
        UnixFileMode mode = File.GetUnixFileMode(UblkControl.Path);
        File.SetUnixFileMode(UblkControl.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        try
        {
            AsNobody(() => Assert.Contains("udev", CommandTests.Fails(UblkErrorKind.Permission, () => UblkControl.Open()).Message));
        }
        finally
        {
            File.SetUnixFileMode(UblkControl.Path, mode);
        }
    }

    [UblkFact]
    public void U25_a_user_has_devices_of_his_own_and_no_others()
    {
        UnixFileMode mode = File.GetUnixFileMode(UblkControl.Path);
        File.SetUnixFileMode(UblkControl.Path, Everyone);
        try
        {
            using UblkControl root = UblkControl.Open();
            using UblkDevice foreign = UblkDevice.Create(root, Small.Options());
            AsNobody(() => UseOwnDevice(root, foreign.Id));
        }
        finally
        {
            File.SetUnixFileMode(UblkControl.Path, mode);
        }
    }

    private static void UseOwnDevice(UblkControl root, int foreign)
    {
        using UblkControl control = UblkControl.Open();
        UblkException thrown = CommandTests.Fails(UblkErrorKind.Permission, () => UblkDevice.Create(control, Small.Options()));
        Assert.Contains("UNPRIVILEGED_DEV", thrown.Remedy);
        CommandTests.Fails(UblkErrorKind.Permission, () => control.GetDeviceInfo(foreign));
        CommandTests.Fails(UblkErrorKind.Permission, () => control.DeleteDevice(foreign));
        Assert.DoesNotContain(control.ListDevices(), device => device.Id == foreign);

        // Anybody's node but the owner's: the kernel asks the node, and udev has to have answered.
        int id = control.AddDevice(Small.Options(UblkFeatures.UnprivilegedDevice)).Id;
        string path = UblkDeviceInfo.PathOfChar(id);
        CommandTests.Fails(UblkErrorKind.Permission, () => control.GetDeviceInfo(id));
        Task.Run(() => File.SetUnixFileMode(path, Everyone)).Wait();
        UblkDeviceInfo info = control.GetDeviceInfo(id);
        Assert.Equal(((uint)Nobody, (uint)Nobody), (info.OwnerUid, info.OwnerGid));
        Assert.Equal(Small.Options().Parameters, control.SetParameters(id, Small.Options().Parameters) with { Devt = null });
        Assert.NotEmpty(control.GetQueueAffinity(id, 0));
        CommandTests.Fails(UblkErrorKind.Timeout, () => control.StartDevice(id, Small.Moment));
        control.StopDevice(id);
        Assert.Contains(control.ListDevices(), device => device.Id == id);
        CommandTests.Fails(UblkErrorKind.NotSupported, () => control.BeginDeleteDevice(id));

        // Root gives the path as well.
        Assert.Equal(info, Task.Run(() => root.GetDeviceInfo(id)).Result);
        Assert.Equal(Small.Sectors, Task.Run(() => root.GetParameters(id)).Result.DevSectors);
        control.DeleteDevice(id);
        CommandTests.Fails(UblkErrorKind.NotFound, () => control.GetDeviceInfo(id));
    }

    private static void AsNobody(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Assert.Equal(0, Call(SetResGid, Nobody, Nobody, Nobody));
                Assert.Equal(0, Call(SetResUid, Nobody, Nobody, Nobody));
                action();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        Assert.True(thread.Join(Eventually.Limit));
        Assert.True(failure is null, $"{failure}");
    }

    private static nint SetResUid => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 117 : 147;

    private static nint SetResGid => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 119 : 149;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint a, nint b, nint c);
}

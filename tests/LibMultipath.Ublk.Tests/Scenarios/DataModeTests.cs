using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios;

/// <summary>Data gets through whole in every mode: with a file system, and with fio that checks every block.</summary>
public sealed class DataModeTests
{
    private const UblkFeatures Automatic = UblkFeatures.ZeroCopy | UblkFeatures.AutoBufferRegistration;

    [UblkFact]
    public void U13_A_file_system_and_verified_io_in_copy_mode() => Check(UblkFeatures.None, fileSystem: true);

    [UblkFact]
    public void U14_A_file_system_and_verified_io_with_user_copy() => Check(UblkFeatures.UserCopy, fileSystem: true);

    [UblkFact]
    public void U15_Verified_io_when_the_data_of_writes_is_fetched() => Check(UblkFeatures.GetData);

    [UblkFact]
    public void U16_Verified_io_with_automatic_registration() => Check(Automatic, fileSystem: true);

    [UblkFact]
    public void U17_Verified_io_without_a_copy() => Check(UblkFeatures.ZeroCopy);

    [UblkTheory]
    [InlineData(UblkFeatures.BatchIo)]
    [InlineData(UblkFeatures.BatchIo | UblkFeatures.UserCopy)]
    [InlineData(UblkFeatures.BatchIo | UblkFeatures.ZeroCopy)]
    [InlineData(UblkFeatures.BatchIo | Automatic)]
    public void U18_Verified_io_in_batches(UblkFeatures features) => Check(features);

    [UblkFact]
    public void U16_A_request_whose_pages_cannot_be_registered_falls_back_to_registration_by_hand()
    {
        // The driver finds the slots of half of the tags in use.
        using UblkRig rig = UblkRig.Start(Automatic, file => new SlotTaker(file), megabytes: 16);
        Shell.Verify(rig.Disk, "8");
        Assert.True(((SlotTaker)rig.Target).ByHand > 0);
    }

    private static void Check(UblkFeatures features, bool fileSystem = false)
    {
        using UblkRig rig = UblkRig.Start(features);
        Assert.Equal(features, rig.Device.Info.Features & features);
        Shell.Verify(rig.Disk, "16");
        if (fileSystem)
        {
            string place = Directory.CreateTempSubdirectory("ublk-mount-").FullName;
            Shell.Run($"mkfs.ext4 -q -F {rig.Disk} && mount {rig.Disk} {place} && cp -r /usr/share/perl5 {place}/ && umount {place} "
                + $"&& e2fsck -fn {rig.Disk} && mount {rig.Disk} {place} && diff -r /usr/share/perl5 {place}/perl5; code=$?; umount {place}; exit $code");
            Directory.Delete(place);
        }
    }
}

using Xunit.Abstractions;

namespace LibMultipath.Ublk.Tests.Machine;

/// <summary>The ground that the other tests of ublk stand on.</summary>
public sealed class MachineTests(ITestOutputHelper output)
{
    [UblkFact]
    public void Ublk_can_be_controlled_from_here()
    {
        output.WriteLine(KernelRelease());

        using var control = File.OpenHandle("/dev/ublk-control", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

        Assert.False(control.IsInvalid);
    }

    [UblkFact(Kernel = "7.2")]
    public void A_test_may_ask_for_the_new_kernel() => Assert.StartsWith("7.2.", KernelRelease(), StringComparison.Ordinal);

    [UblkFact(Kernel = "6.12")]
    public void A_test_may_ask_for_the_old_kernel() => Assert.StartsWith("6.12.", KernelRelease(), StringComparison.Ordinal);

    [UblkTheory]
    [InlineData("ext4")]
    [InlineData("xfs")]
    public void The_programs_of_the_file_systems_are_there(string fileSystem) =>
        Assert.True(File.Exists($"/sbin/mkfs.{fileSystem}"), $"mkfs.{fileSystem} is missing: see eng/vm/packages");

    private static string KernelRelease() => File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
}

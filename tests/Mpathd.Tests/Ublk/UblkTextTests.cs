using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Parameters;
using Mpathd.Ublk;

namespace Mpathd.Tests.Ublk;

public sealed class UblkTextTests
{
    private static readonly UblkDeviceInfo s_info = new(
        7, 2, 64, UblkDeviceState.Quiesced, 1 << 20, -1, UblkFeatures.UserRecovery | UblkFeatures.UserCopy, 1000, 100, 0);

    private static readonly UblkParameters s_parameters = new() { DevSectors = 2 << 20, LogicalBlockSize = 4096, Attributes = UblkAttributes.ReadOnly };

    [Fact]
    public void A_device_is_told_in_one_line_of_json()
    {
        Assert.Equal(
            """{"id":7,"state":"quiesced","block_path":"/dev/ublkb7","queues":2,"queue_depth":64,"max_io_bytes":1048576,"owner_uid":1000,"owner_gid":100,"features":["USER_RECOVERY","USER_COPY"],"capacity_bytes":1073741824,"logical_block_bytes":4096,"read_only":true}""",
            UblkJson.Text(UblkDeviceStatus.Of(s_info, s_parameters)));
        Assert.StartsWith("""[{"id":7,"state":"live","block_path":"/dev/ublkb7","queues":2,"queue_depth":64,"max_io_bytes":1048576,"server_pid":42,""",
            UblkJson.Text([UblkDeviceStatus.Of(s_info with { State = UblkDeviceState.Live, ServerPid = 42 }, null)]));
    }

    [Fact]
    public void A_device_is_told_to_people()
    {
        string[] lines = [.. UblkText.Lines(UblkDeviceStatus.Of(s_info, s_parameters))];
        Assert.Equal("/dev/ublkb7: quiesced, 1G, 2 queues of 64, served by nobody", lines[0]);
        Assert.Equal("  blocks of 4096, read-only", lines[2]);
        Assert.Equal("  features: USER_RECOVERY, USER_COPY", lines[3]);
        Assert.Equal(["no ublk devices"], UblkText.Lines([]));
        Assert.Equal(["/dev/ublkb7: dead, 1 queue of 64, served by nobody"], UblkText.Lines([UblkDeviceStatus.Of(s_info with { Queues = 1, State = UblkDeviceState.Dead }, null)]));
    }

    [Fact]
    public void Features_that_this_kernel_lacks_are_named_and_bits_without_a_name_numbered()
    {
        var status = UblkFeatureStatus.Of(UblkFeatures.UserCopy | (UblkFeatures)(1UL << 40), inferred: true);
        Assert.Equal(["USER_COPY", "bit 40"], status.Features);
        Assert.Contains("BATCH_IO", status.Missing);
        Assert.Contains("(BATCH_IO: not in this kernel)", UblkText.Lines(status));
        Assert.StartsWith("""{"features":["USER_COPY","bit 40"],"missing":[""", UblkJson.Text(status));
    }

    [Theory]
    [InlineData(UblkErrorKind.NotSupported, (int)ExitCode.SystemLacks)]
    [InlineData(UblkErrorKind.Permission, (int)ExitCode.SystemLacks)]
    [InlineData(UblkErrorKind.NotFound, (int)ExitCode.SystemLacks)]
    [InlineData(UblkErrorKind.Busy, (int)ExitCode.SystemLacks)]
    [InlineData(UblkErrorKind.Other, (int)ExitCode.SystemLacks)]
    [InlineData(UblkErrorKind.Timeout, (int)ExitCode.Failed)]
    public void What_ublk_refuses_is_said_in_one_line_with_its_remedy_once(UblkErrorKind kind, int code)
    {
        var told = UblkProblems.Of(new UblkException(kind, Errno.EBUSY, "stopping ublk device 7", "it is open", "unmount it"));
        using var line = new StringWriter();
        Assert.Equal(code, (int)told.Tell(line));
        Assert.Equal("mpathd: stopping ublk device 7: it is open (EBUSY); unmount it\n", line.ToString());
    }

    [Fact]
    public void What_a_ring_lacks_is_what_the_system_lacks()
    {
        var told = UblkProblems.Of(new RingException(Errno.EPERM, "io_uring_setup", "set kernel.io_uring_disabled to 0"));
        Assert.Equal((ExitCode.SystemLacks, "set kernel.io_uring_disabled to 0"), (told.Code, told.Remedy));
        Assert.Equal("io_uring_setup: Operation not permitted (EPERM)", told.Message);
    }
}

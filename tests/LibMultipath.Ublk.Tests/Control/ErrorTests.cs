using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;

namespace LibMultipath.Ublk.Tests.Control;

/// <summary>Every failure is told with the command, the device, the error by name, and what to do.</summary>
public sealed class ErrorTests
{
    [Theory]
    [InlineData(UblkCommand.UBLK_U_CMD_ADD_DEV, Errno.EEXIST, UblkErrorKind.Busy, "ADD_DEV of ublk device 3: the id is taken (EEXIST)")]
    [InlineData(UblkCommand.UBLK_U_CMD_ADD_DEV, Errno.EPERM, UblkErrorKind.Permission, "UNPRIVILEGED_DEV")]
    [InlineData(UblkCommand.UBLK_U_CMD_ADD_DEV, Errno.EACCES, UblkErrorKind.Permission, "ublks_max")]
    [InlineData(UblkCommand.UBLK_U_CMD_ADD_DEV, Errno.EINVAL, UblkErrorKind.NotSupported, "combination of features")]
    [InlineData(UblkCommand.UBLK_U_CMD_ADD_DEV, Errno.EOPNOTSUPP, UblkErrorKind.NotSupported, "Linux 6.4")]
    [InlineData(UblkCommand.UBLK_U_CMD_GET_DEV_INFO2, Errno.ENODEV, UblkErrorKind.NotFound, "GET_DEV_INFO2 of ublk device 3: there is no such device (ENODEV)")]
    [InlineData(UblkCommand.UBLK_U_CMD_GET_PARAMS, Errno.EPERM, UblkErrorKind.Permission, "/dev/ublkc3, is not this user's (EPERM); run as root")]
    [InlineData(UblkCommand.UBLK_U_CMD_SET_PARAMS, Errno.EACCES, UblkErrorKind.Busy, "the device is started")]
    [InlineData(UblkCommand.UBLK_U_CMD_TRY_STOP_DEV, Errno.EBUSY, UblkErrorKind.Busy, "/dev/ublkb3 is open")]
    [InlineData(UblkCommand.UBLK_U_CMD_QUIESCE_DEV, Errno.EBUSY, UblkErrorKind.Busy, "quiesce again")]
    [InlineData(UblkCommand.UBLK_U_CMD_QUIESCE_DEV, Errno.EOPNOTSUPP, UblkErrorKind.NotSupported, "without QUIESCE")]
    [InlineData(UblkCommand.UBLK_U_CMD_START_USER_RECOVERY, Errno.EINVAL, UblkErrorKind.NotSupported, "USER_RECOVERY")]
    [InlineData(UblkCommand.UBLK_U_CMD_START_USER_RECOVERY, Errno.EBUSY, UblkErrorKind.Busy, "a server has it")]
    [InlineData(UblkCommand.UBLK_U_CMD_UPDATE_SIZE, Errno.ENODEV, UblkErrorKind.NotFound, "not started")]
    [InlineData(UblkCommand.UBLK_U_CMD_DEL_DEV, Errno.EBUSY, UblkErrorKind.Busy, "(EBUSY)")]
    [InlineData(UblkCommand.UBLK_U_CMD_STOP_DEV, Errno.ENOMEM, UblkErrorKind.Other, "(ENOMEM)")]
    public void An_error_of_a_command_is_put_in_words(uint command, Errno errno, UblkErrorKind kind, string words)
    {
        UblkException exception = UblkErrors.Command(command, 3, errno);
        Assert.Equal((kind, errno), (exception.Kind, exception.Errno));
        Assert.Contains(words, exception.Message);
        Assert.StartsWith($"{UblkCommand.Name(command)} of ublk device 3: ", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Errno.ENOSYS, UblkErrorKind.NotSupported)]
    [InlineData(Errno.EPERM, UblkErrorKind.Permission)]
    [InlineData(Errno.EMFILE, UblkErrorKind.Other)]
    public void Without_a_ring_the_reason_of_the_ring_is_told(Errno errno, UblkErrorKind kind)
    {
        UblkException exception = UblkErrors.Ring(new RingException(errno, "making a ring", "sysctl -w kernel.io_uring_disabled=0"));
        Assert.Equal((kind, errno), (exception.Kind, exception.Errno));
        Assert.StartsWith("ublk needs io_uring: ", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("sysctl -w kernel.io_uring_disabled=0", exception.Message);
    }

    [Theory]
    [InlineData(Errno.EACCES, UblkErrorKind.Permission, "udev")]
    [InlineData(Errno.EBUSY, UblkErrorKind.Busy, "another server")]
    [InlineData(Errno.ENOENT, UblkErrorKind.NotFound, "devtmpfs")]
    public void A_char_device_that_cannot_be_opened_is_explained(Errno errno, UblkErrorKind kind, string words)
    {
        UblkException exception = UblkErrors.OpenChar("/dev/ublkc3", errno);
        Assert.Equal((kind, errno), (exception.Kind, exception.Errno));
        Assert.Contains("/dev/ublkc3", exception.Message);
        Assert.Contains(words, exception.Message);
    }
}

using LibMultipath.Block;

namespace LibMultipath.Tests.Block;

public sealed class BlockStatusTests
{
    // The numbers, names and errnos are those of include/linux/blk_types.h and block/blk-core.c, Linux 7.2.
    public static TheoryData<BlockStatus, int, string, int, AttemptOutcome> Table => new()
    {
        { BlockStatus.Ok, 0, "BLK_STS_OK", 0, AttemptOutcome.Done },
        { BlockStatus.NotSupported, 1, "BLK_STS_NOTSUPP", 95, AttemptOutcome.Done },
        { BlockStatus.Timeout, 2, "BLK_STS_TIMEOUT", 110, AttemptOutcome.PathError },
        { BlockStatus.NoSpace, 3, "BLK_STS_NOSPC", 28, AttemptOutcome.Done },
        { BlockStatus.Transport, 4, "BLK_STS_TRANSPORT", 67, AttemptOutcome.PathError },
        { BlockStatus.Target, 5, "BLK_STS_TARGET", 121, AttemptOutcome.Done },
        { BlockStatus.ReservationConflict, 6, "BLK_STS_RESV_CONFLICT", 52, AttemptOutcome.Done },
        { BlockStatus.Medium, 7, "BLK_STS_MEDIUM", 61, AttemptOutcome.Done },
        { BlockStatus.Protection, 8, "BLK_STS_PROTECTION", 84, AttemptOutcome.Done },
        { BlockStatus.Resource, 9, "BLK_STS_RESOURCE", 12, AttemptOutcome.Retry },
        { BlockStatus.IoError, 10, "BLK_STS_IOERR", 5, AttemptOutcome.PathError },
        { BlockStatus.Again, 12, "BLK_STS_AGAIN", 11, AttemptOutcome.Retry },
        { BlockStatus.DeviceResource, 13, "BLK_STS_DEV_RESOURCE", 16, AttemptOutcome.Retry },
        { BlockStatus.ZoneOpenResource, 14, "BLK_STS_ZONE_OPEN_RESOURCE", 109, AttemptOutcome.Done },
        { BlockStatus.ZoneActiveResource, 15, "BLK_STS_ZONE_ACTIVE_RESOURCE", 75, AttemptOutcome.Done },
        { BlockStatus.Offline, 16, "BLK_STS_OFFLINE", 19, AttemptOutcome.PathError },
        { BlockStatus.DurationLimit, 17, "BLK_STS_DURATION_LIMIT", 62, AttemptOutcome.Done },
        { BlockStatus.ZoneResource, 18, "BLK_STS_ZONE_RESOURCE", 16, AttemptOutcome.Retry },
        { BlockStatus.Invalid, 19, "BLK_STS_INVAL", 22, AttemptOutcome.Done },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_status_has_the_number_name_and_errno_of_the_kernel(BlockStatus status, int number, string name, int errno, AttemptOutcome outcome)
    {
        Assert.Equal(number, (int)status);
        Assert.Equal(name, status.ToKernelName());
        Assert.Equal((Errno)errno, status.ToErrno());
        Assert.Equal(outcome, status.ToOutcome());
        Assert.Equal(outcome == AttemptOutcome.PathError, status.IsPathError());
    }

    [Fact]
    public void The_table_has_every_status() =>
        Assert.Equal(Enum.GetValues<BlockStatus>(), Table.Select(row => (BlockStatus)row[0]));

    [Fact]
    public void The_errno_of_a_status_gives_the_status_back()
    {
        foreach (BlockStatus status in Enum.GetValues<BlockStatus>())
        {
            // EBUSY is that of two; the one that the kernel still has wins.
            BlockStatus expected = status == BlockStatus.ZoneResource ? BlockStatus.DeviceResource : status;

            Assert.Equal(expected, BlockStatusExtensions.FromErrno((int)status.ToErrno()));
            Assert.Equal(expected, BlockStatusExtensions.FromErrno(-(int)status.ToErrno()));
        }
    }

    [Theory]
    [InlineData(9999)]
    [InlineData(-9999)]
    [InlineData((int)Errno.ENOENT)]
    [InlineData(-(int)Errno.EPERM)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void An_errno_without_a_status_is_an_io_error(int errno) =>
        Assert.Equal(BlockStatus.IoError, BlockStatusExtensions.FromErrno(errno));

    [Fact]
    public void A_number_that_is_no_status_is_still_named_and_is_an_io_error()
    {
        Assert.Equal("BLK_STS_200", ((BlockStatus)200).ToKernelName());
        Assert.Equal(Errno.EIO, ((BlockStatus)200).ToErrno());
    }

    [Fact]
    public void A_block_exception_names_its_errno()
    {
        var exception = new BlockException(Errno.ENXIO, "Opening the disk");

        Assert.Equal(Errno.ENXIO, exception.Errno);
        Assert.Contains("ENXIO", exception.Message);
    }
}

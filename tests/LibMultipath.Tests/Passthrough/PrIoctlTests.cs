using LibMultipath.Block;
using LibMultipath.Passthrough;
using LibMultipath.Reservations;
using LibMultipath.Tests.Reservations;

namespace LibMultipath.Tests.Passthrough;

/// <summary>The ioctls of linux/pr.h, as blkpr sends them.</summary>
public sealed unsafe class PrIoctlTests : IDisposable
{
    private const ulong Key = 0x11;
    private const ulong Type = (ulong)PrType.WriteExclusiveRegistrantsOnly;

    private readonly ReservationRig _rig = new(3);
    private readonly MpathPassthrough _passthrough;

    public PrIoctlTests() => _passthrough = new MpathPassthrough(_rig.Rig.Disk, _rig.Reservations);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void F13_they_are_for_all_paths()
    {
        Assert.Equal(0, Send(PrIoctl.Register, 0, Key, 0));
        Assert.Equal([Key, Key, Key], _rig.Keys);
        Assert.Equal(0, Send(PrIoctl.Reserve, Key, Type));
        Assert.Equal(PrType.WriteExclusiveRegistrantsOnly, _rig.Target.ReadReservation()!.Type);
        Assert.Equal(0, Send(PrIoctl.Preempt, Key, Key, (ulong)PrType.ExclusiveAccessRegistrantsOnly));
        Assert.Equal(PrType.ExclusiveAccessRegistrantsOnly, _rig.Target.ReadReservation()!.Type);
        Assert.Equal(0, Send(PrIoctl.Release, Key, (ulong)PrType.ExclusiveAccessRegistrantsOnly));
        Assert.Null(_rig.Target.ReadReservation());
        Assert.Equal(0, Send(PrIoctl.Register, 0, 0x22, 1));
        Assert.Equal((int)PrStatus.ReservationConflict, Send(PrIoctl.Clear, Key, 0));
        Assert.Equal(0, Send(PrIoctl.Clear, 0x22, 0));
        Assert.Empty(_rig.Keys);
    }

    [Fact]
    public void Keys_and_the_reservation_are_read()
    {
        _rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        _rig.Reservations.Register(0, Key);
        _rig.Reservations.Reserve(Key, PrType.WriteExclusiveRegistrantsOnly);

        // Room for one of two keys.
        ulong* keys = stackalloc ulong[1];
        ulong* read = stackalloc ulong[] { 1UL << 32, (ulong)keys };
        Assert.Equal(0, _passthrough.Ioctl(Ioctl(PrIoctl.ReadKeys, read)));
        Assert.Equal((_rig.Target.Generation, 2u, Key), ((uint)read[0], (uint)(read[0] >> 32), keys[0]));

        ulong* held = stackalloc ulong[2];
        Assert.Equal(0, _passthrough.Ioctl(Ioctl(PrIoctl.ReadReservation, held)));
        Assert.Equal((Key, _rig.Target.Generation, (uint)Type), (held[0], (uint)held[1], (uint)(held[1] >> 32)));
        _rig.Reservations.Release(Key, PrType.WriteExclusiveRegistrantsOnly);
        Assert.Equal(0, _passthrough.Ioctl(Ioctl(PrIoctl.ReadReservation, held)));
        Assert.Equal((0UL, 0UL), (held[0], held[1]));
    }

    [Theory]
    [InlineData(PrIoctl.Reserve, 1, 7, 0)]
    [InlineData(PrIoctl.Release, 1, 0, 0)]
    [InlineData(PrIoctl.PreemptAbort, 1, 2, 9)]
    public void Types_that_there_are_not_are_invalid(uint code, long first, long second, long third) =>
        Assert.Equal(-(int)Errno.EINVAL, Send(code, (ulong)first, (ulong)second, (ulong)third));

    [Theory]
    [InlineData(PrIoctl.Register, 0, 1, 2)]
    [InlineData(PrIoctl.Reserve, 1, 1 | (1L << 32), 0)]
    [InlineData(PrIoctl.Release, 1, 1 | (1L << 32), 0)]
    [InlineData(PrIoctl.Preempt, 1, 2, 1 | (1L << 32))]
    [InlineData(PrIoctl.Clear, 1, 1, 0)]
    public void Flags_that_there_are_not_are_not_supported(uint code, long first, long second, long third) =>
        Assert.Equal(-(int)Errno.EOPNOTSUPP, Send(code, (ulong)first, (ulong)second, (ulong)third));

    [Fact]
    public void Who_may_not_write_and_who_has_a_partition_may_not_and_nothing_changes()
    {
        _rig.Reservations.Register(0, Key);
        ulong* clear = stackalloc ulong[] { Key, 0 };
        Assert.Equal(-(int)Errno.EPERM, _passthrough.Ioctl(Ioctl(PrIoctl.Clear, clear) with { CanWrite = false }));
        Assert.Equal(-(int)Errno.EPERM, _passthrough.Ioctl(Ioctl(PrIoctl.Clear, clear) with { OnPartition = true, HasRawIo = true }));
        Assert.Equal([Key, Key, Key], _rig.Keys);
    }

    [Fact]
    public void Without_memory_it_faults_and_without_reservations_it_is_not_supported()
    {
        Assert.Equal(-(int)Errno.EFAULT, _passthrough.Ioctl(Ioctl(PrIoctl.Register, null)));
        ulong* read = stackalloc ulong[] { 1UL << 32, 0 };
        Assert.Equal(-(int)Errno.EFAULT, _passthrough.Ioctl(Ioctl(PrIoctl.ReadKeys, read)));
        Assert.Equal(-(int)Errno.EOPNOTSUPP, new MpathPassthrough(_rig.Rig.Disk).Ioctl(Ioctl(PrIoctl.ReadKeys, read)));
        Assert.Empty(_rig.Keys);
    }

    private static MpathIoctl Ioctl(uint code, ulong* arguments) => new(code, (nint)arguments) { CanWrite = true };

    private int Send(uint code, ulong first, ulong second, ulong third = 0)
    {
        ulong* arguments = stackalloc ulong[] { first, second, third };
        return _passthrough.Ioctl(Ioctl(code, arguments));
    }
}

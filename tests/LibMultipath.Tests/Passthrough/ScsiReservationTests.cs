using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.Passthrough;
using LibMultipath.Reservations;
using LibMultipath.Tests.Reservations;

namespace LibMultipath.Tests.Passthrough;

public sealed class ScsiReservationTests : IDisposable
{
    private const ulong Key = 0x1122334455667788;
    private const byte Good = 0;
    private const byte Check = 2;
    private const byte Conflict = 0x18;

    private readonly ReservationRig _rig = new(3);
    private readonly MpathPassthrough _passthrough;

    public ScsiReservationTests() => _passthrough = new MpathPassthrough(_rig.Rig.Disk, _rig.Reservations);

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void F13_a_reservation_in_a_scsi_command_goes_down_every_path()
    {
        Assert.Equal(Good, Send(SgCommand.Out(0, 0, 0, Key)));
        Assert.Equal([Key, Key, Key], _rig.Keys);
        Assert.Equal(Good, Send(SgCommand.Out(1, 6, Key, 0)));
        Assert.Equal(PrType.ExclusiveAccessRegistrantsOnly, _rig.Target.ReadReservation()!.Type);
        Assert.Equal(BlockStatus.Ok, _rig.SubmitOnAll());

        Assert.Equal(Good, Send(SgCommand.Out(4, 5, Key, Key)));
        Assert.Equal(PrType.WriteExclusiveRegistrantsOnly, _rig.Target.ReadReservation()!.Type);
        Assert.Equal(Good, Send(SgCommand.Out(5, 6, Key, Key)));
        Assert.Contains(_rig.Template.Commands, command => command.EndsWith(" abort", StringComparison.Ordinal));
        Assert.Equal(Good, Send(SgCommand.Out(2, 6, Key, 0)));
        Assert.Null(_rig.Target.ReadReservation());
        Assert.Equal(Good, Send(SgCommand.Out(6, 0, 0, 99)));
        Assert.Equal([99UL, 99UL, 99UL], _rig.Keys);
        Assert.Equal(Good, Send(SgCommand.Out(3, 0, 99, 0)));
        Assert.Empty(_rig.Keys);
    }

    [Theory]
    [InlineData(1, PrType.WriteExclusive)]
    [InlineData(3, PrType.ExclusiveAccess)]
    [InlineData(5, PrType.WriteExclusiveRegistrantsOnly)]
    [InlineData(6, PrType.ExclusiveAccessRegistrantsOnly)]
    [InlineData(7, PrType.WriteExclusiveAllRegistrants)]
    [InlineData(8, PrType.ExclusiveAccessAllRegistrants)]
    public void Types_have_the_numbers_of_scsi(int number, PrType type)
    {
        _rig.Reservations.Register(0, Key);
        Assert.Equal(Good, Send(SgCommand.Out(1, number, Key, 0)));
        Assert.Equal(type, _rig.Target.ReadReservation()!.Type);

        using SgCommand read = SgCommand.In(1);
        Assert.Equal(0, _passthrough.Ioctl(read.Ioctl));
        Assert.Equal(number, read.Data[21]);
    }

    [Fact]
    public void Keys_and_the_reservation_are_read_as_of_one_device()
    {
        _rig.Reservations.Register(0, Key);
        _rig.Reservations.Reserve(Key, PrType.WriteExclusiveRegistrantsOnly);
        string generation = $"{_rig.Target.Generation:X8}";

        using SgCommand keys = SgCommand.In(0);
        Assert.Equal(0, _passthrough.Ioctl(keys.Ioctl));
        Assert.Equal(generation + "00000008" + "1122334455667788", Convert.ToHexString(keys.Data[..16]));
        Assert.Equal(256 - 16, keys.Header.resid);

        using SgCommand held = SgCommand.In(1);
        Assert.Equal(0, _passthrough.Ioctl(held.Ioctl));
        Assert.Equal(generation + "00000010" + "1122334455667788" + "0000000000050000", Convert.ToHexString(held.Data[..24]));
    }

    [Fact]
    public void A_short_buffer_gets_the_beginning_and_how_much_there_is()
    {
        _rig.Reservations.Register(0, Key);
        using SgCommand keys = SgCommand.In(0, 8);

        Assert.Equal(0, _passthrough.Ioctl(keys.Ioctl));

        Assert.Equal("00000008", Convert.ToHexString(keys.Data[4..8]));
        Assert.Equal(0, keys.Header.resid);
    }

    [Fact]
    public void Without_a_reservation_only_the_generation_is_read()
    {
        _rig.Reservations.Register(0, Key);
        using SgCommand held = SgCommand.In(1);

        Assert.Equal(0, _passthrough.Ioctl(held.Ioctl));

        Assert.Equal(256 - 8, held.Header.resid);
        Assert.Equal($"{_rig.Target.Generation:X8}00000000", Convert.ToHexString(held.Data[..8]));
    }

    [Fact]
    public void A_conflict_is_a_status_of_scsi()
    {
        using SgCommand command = SgCommand.Out(1, 6, Key, 0);

        Assert.Equal(0, _passthrough.Ioctl(command.Ioctl));

        Assert.Equal(Conflict, command.Header.status);
        Assert.Equal(0x0c, command.Header.masked_status);
        Assert.Equal(1u, command.Header.info);
    }

    [Theory]
    [InlineData(7, 6, 0, 0x24)]
    [InlineData(8, 6, 0, 0x24)]
    [InlineData(1, 2, 0, 0x24)]
    [InlineData(1, 15, 0, 0x24)]
    [InlineData(0, 0, 8, 0x26)]
    [InlineData(0, 0, 4, 0x26)]
    [InlineData(1, 0x16, 0, 0x24)]
    public void What_cannot_be_carried_is_refused_with_sense(int action, int type, byte flags, byte code)
    {
        using SgCommand command = SgCommand.Out(action, type, Key, Key, flags);

        Assert.Equal(0, _passthrough.Ioctl(command.Ioctl));

        Assert.Equal(Check, command.Header.status);
        Assert.Equal(5, command.Sense[2]);
        Assert.Equal(code, command.Sense[12]);
        Assert.Empty(_rig.Keys);
    }

    [Fact]
    public void Parameters_that_are_too_short_are_refused()
    {
        using var command = new SgCommand([0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0], 8);

        Assert.Equal(0, _passthrough.Ioctl(command.Ioctl));

        Assert.Equal(Check, command.Header.status);
        Assert.Equal(0x1a, command.Sense[12]);
    }

    [Fact]
    public void Where_nobody_looks_after_registrations_it_is_refused_and_reaches_no_path()
    {
        using SgCommand command = SgCommand.Out(0, 0, 0, Key);

        Assert.Equal(0, new MpathPassthrough(_rig.Rig.Disk).Ioctl(command.Ioctl));

        Assert.Equal(Check, command.Header.status);
        Assert.Empty(_rig.Keys);
    }

    [Theory]
    [InlineData(PrStatus.PathFailed, 0x1)]
    [InlineData(PrStatus.RetryPathFailure, 0xe)]
    [InlineData(PrStatus.PathFastFailed, 0xf)]
    public void A_failure_of_paths_is_one_of_the_host(PrStatus status, ushort host)
    {
        _rig.Template.Before = (_, _) => status;
        using SgCommand command = SgCommand.In(0);

        Assert.Equal(0, _passthrough.Ioctl(command.Ioctl));

        Assert.Equal(host, command.Header.host_status);
    }

    [Fact]
    public void Without_a_path_it_would_block()
    {
        for (int path = 0; path < 3; path++)
        {
            _rig.Down(path);
        }

        using SgCommand command = SgCommand.In(0);

        Assert.Equal(-(int)Errno.EAGAIN, _passthrough.Ioctl(command.Ioctl));
    }

    [Theory]
    [InlineData(0x12)]
    [InlineData(0x00)]
    public void Other_commands_are_the_drivers(byte code)
    {
        using var command = new SgCommand([code, 0, 0, 0, 0, 0, 0, 0, 0, 0], 36);

        Assert.Equal(-(int)Errno.EOPNOTSUPP, _passthrough.Ioctl(command.Ioctl));
    }

    [Fact]
    public void What_only_reads_and_has_no_other_way_is_the_drivers()
    {
        using SgCommand command = SgCommand.In(3);

        Assert.Equal(-(int)Errno.EOPNOTSUPP, _passthrough.Ioctl(command.Ioctl));
    }

    [Fact]
    public void A_header_that_is_none_is_the_drivers_to_refuse()
    {
        using SgCommand command = SgCommand.In(0);
        command.Header.interface_id = 'Q';
        Assert.Equal(-(int)Errno.EOPNOTSUPP, _passthrough.Ioctl(command.Ioctl));

        Assert.Equal(-(int)Errno.EOPNOTSUPP, _passthrough.Ioctl(new MpathIoctl(0x2285, 0)));
    }

    [Fact]
    public void F13_a_command_that_is_cut_short_or_scattered_is_refused_and_reaches_no_path()
    {
        using var cut = new SgCommand([0x5f, 0, 0, 0, 0, 0, 0, 0, 24], 24);
        Assert.Equal(-(int)Errno.EINVAL, _passthrough.Ioctl(cut.Ioctl));
        using SgCommand scattered = SgCommand.Out(0, 0, 0, Key);
        scattered.Header.iovec_count = 1;
        Assert.Equal(-(int)Errno.EINVAL, _passthrough.Ioctl(scattered.Ioctl));
        Assert.Equal(-(int)Errno.ENOTTY, _passthrough.Ioctl(new MpathIoctl(1, 0)));
        Assert.Empty(_rig.Keys);
    }

    [Theory]
    [InlineData(0x16)]
    [InlineData(0x17)]
    [InlineData(0x56)]
    [InlineData(0x57)]
    public void F13_a_reservation_that_one_path_would_have_alone_is_refused(byte operation)
    {
        using var command = new SgCommand([operation, 0, 0, 0, 0, 0], 0);
        int before = _rig.Template.Commands.Count;

        Assert.Equal(0, _passthrough.Ioctl(command.Ioctl));

        Assert.Equal(Check, command.Header.status);
        Assert.Equal((5, 0x20), (command.Sense[2], command.Sense[12]));
        Assert.Equal(before, _rig.Template.Commands.Count);
    }

    [Fact]
    public unsafe void F13_a_reservation_in_a_header_of_bsg_is_refused_and_reaches_no_path()
    {
        byte* operation = stackalloc byte[10];
        operation[0] = 0x5f;
        byte* header = stackalloc byte[160];
        *(int*)header = 'Q';
        *(uint*)(header + 12) = 10;
        *(byte**)(header + 16) = operation;

        Assert.Equal(-(int)Errno.EINVAL, _passthrough.Ioctl(new MpathIoctl(0x2285, (nint)header) { HasRawIo = true }));
        operation[0] = 0x12;
        Assert.Equal(-(int)Errno.EOPNOTSUPP, _passthrough.Ioctl(new MpathIoctl(0x2285, (nint)header) { HasRawIo = true }));
    }

    [Fact]
    public void Who_may_not_send_raw_commands_may_not_and_nothing_changes()
    {
        _rig.Reservations.Register(0, Key);
        using SgCommand clear = SgCommand.Out(3, 0, Key, 0);

        Assert.Equal(-(int)Errno.EPERM, _passthrough.Ioctl(clear.Ioctl with { HasRawIo = false }));

        Assert.Equal([Key, Key, Key], _rig.Keys);
    }

    [Fact]
    public void On_a_disk_that_was_removed_it_is_not_carried_out()
    {
        _rig.Rig.Disk.Remove();
        using SgCommand command = SgCommand.Out(0, 0, 0, Key);

        Assert.Equal(-(int)Errno.ENXIO, _passthrough.Ioctl(command.Ioctl));

        Assert.Empty(_rig.Keys);
    }

    [Fact]
    public void The_header_is_laid_out_as_the_kernels()
    {
        Assert.Equal(88, Unsafe.SizeOf<sg_io_hdr>());
        Assert.Equal(16, (int)Marshal.OffsetOf<sg_io_hdr>(nameof(sg_io_hdr.dxferp)));
        Assert.Equal(40, (int)Marshal.OffsetOf<sg_io_hdr>(nameof(sg_io_hdr.timeout)));
        Assert.Equal(64, (int)Marshal.OffsetOf<sg_io_hdr>(nameof(sg_io_hdr.status)));
        Assert.Equal(72, (int)Marshal.OffsetOf<sg_io_hdr>(nameof(sg_io_hdr.resid)));
    }

    private byte Send(SgCommand command)
    {
        using (command)
        {
            Assert.Equal(0, _passthrough.Ioctl(command.Ioctl));
            Assert.Equal(0, command.Header.host_status);
            return command.Header.status;
        }
    }
}

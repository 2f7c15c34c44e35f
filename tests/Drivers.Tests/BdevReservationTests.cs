using BdevDriver;
using BdevDriver.Abi;
using BdevDriver.Reservations;
using Drivers.Tests.Kit;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reservations;
using LibMultipath.Tests.Kit;

namespace Drivers.Tests;

/// <summary>Persistent reservations of a path, by the kernel's ioctls; and without two of them.</summary>
public sealed unsafe class BdevReservationTests : IDisposable
{
    private const ulong Key = 0x1122334455667788;
    private const int IoError = 0x2;
    private const int Conflict = 0x18;
    private const int PathFailed = 0x10000;
    private const int RetryPathFailure = 0xe0000;

    private readonly BdevRig _rig = new();
    private readonly MpathDevice _path;
    private readonly FakeDevice _device;
    private readonly List<uint> _asked = [];

    public BdevReservationTests()
    {
        (BdevPath path, _device) = _rig.Add();
        _path = path.Path!;
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_registration_has_its_keys_and_its_flag()
    {
        pr_registration seen = default;
        Answer((command, argument) =>
        {
            seen = *(pr_registration*)argument;
            return command == Ioctls.IOC_PR_REGISTER ? 0 : -1;
        });
        Assert.Equal(PrStatus.Success, _rig.Template.Register(_path, 1, Key, ignoreKey: false));
        Assert.Equal((1ul, Key, 0u), (seen.old_key, seen.new_key, seen.flags));
        Assert.Equal(PrStatus.Success, _rig.Template.Register(_path, 0, Key, ignoreKey: true));
        Assert.Equal((0ul, Key, 1u), (seen.old_key, seen.new_key, seen.flags));
    }

    [Theory]
    [InlineData(Ioctls.IOC_PR_RESERVE)]
    [InlineData(Ioctls.IOC_PR_RELEASE)]
    public void A_reservation_has_its_key_and_its_type(uint expected)
    {
        pr_reservation seen = default;
        Answer((command, argument) =>
        {
            seen = *(pr_reservation*)argument;
            return command == expected ? 0 : -1;
        });
        PrStatus status = expected == Ioctls.IOC_PR_RESERVE
            ? _rig.Template.Reserve(_path, Key, PrType.ExclusiveAccessRegistrantsOnly)
            : _rig.Template.Release(_path, Key, PrType.ExclusiveAccessRegistrantsOnly);
        Assert.Equal(PrStatus.Success, status);
        Assert.Equal((Key, 4u, 0u), (seen.key, seen.type, seen.flags));
    }

    [Theory]
    [InlineData(false, Ioctls.IOC_PR_PREEMPT)]
    [InlineData(true, Ioctls.IOC_PR_PREEMPT_ABORT)]
    public void A_preempt_has_our_key_first_and_the_victims_second(bool abort, uint expected)
    {
        pr_preempt seen = default;
        Answer((command, argument) =>
        {
            seen = *(pr_preempt*)argument;
            return command == expected ? 0 : -1;
        });
        Assert.Equal(PrStatus.Success, _rig.Template.Preempt(_path, Key, 5, PrType.WriteExclusive, abort));
        Assert.Equal((Key, 5ul, 1u), (seen.old_key, seen.new_key, seen.type));
    }

    [Fact]
    public void Clearing_has_the_key()
    {
        ulong seen = 0;
        Answer((command, argument) =>
        {
            seen = ((pr_clear*)argument)->key;
            return command == Ioctls.IOC_PR_CLEAR ? 0 : -1;
        });
        Assert.Equal(PrStatus.Success, _rig.Template.Clear(_path, Key));
        Assert.Equal(Key, seen);
    }

    [Theory]
    [InlineData(Conflict, PrStatus.ReservationConflict)]
    [InlineData(-(int)Errno.EBADE, PrStatus.ReservationConflict)]
    public void A_conflict_is_answered_and_not_asked_for_again(int answer, PrStatus expected)
    {
        Answer((_, _) => answer);
        Assert.Equal(expected, _rig.Template.Reserve(_path, Key, PrType.WriteExclusive));
        Assert.Single(_asked);
        Assert.True(_path.IsUsable);
    }

    [Theory]
    [InlineData(IoError)]
    [InlineData(RetryPathFailure)]
    [InlineData(-(int)Errno.EIO)]
    [InlineData(-(int)Errno.EBUSY)]
    public void What_a_unit_attention_has_ended_is_asked_for_again(int answer)
    {
        int left = 3;
        Answer((_, _) => left-- > 0 ? answer : 0);
        Assert.Equal(PrStatus.Success, _rig.Template.Reserve(_path, Key, PrType.WriteExclusive));
        Assert.Equal(4, _asked.Count);
        Assert.True(_path.IsUsable);
    }

    [Fact]
    public void What_a_working_device_cannot_do_is_an_error_in_the_end()
    {
        Answer((_, _) => IoError);
        Assert.Equal(PrStatus.IoError, _rig.Template.Reserve(_path, Key, PrType.WriteExclusive));
        Assert.InRange(_asked.Count, 2, 10);
        Assert.True(_path.IsUsable);
    }

    [Fact]
    public void A_registration_that_was_made_though_an_error_was_told_is_made()
    {
        ulong registered = 0;
        Answer((_, argument) =>
        {
            var asked = (pr_registration*)argument;
            if (asked->old_key != registered)
            {
                return Conflict;
            }

            bool first = registered == 0;
            registered = asked->new_key;
            return first ? IoError : 0;
        });
        Assert.Equal(PrStatus.Success, _rig.Template.Register(_path, 0, Key, ignoreKey: false));
        Assert.Equal(Key, registered);
    }

    [Fact]
    public void A_registration_with_an_error_first_and_somebody_elses_key_is_a_conflict()
    {
        int left = 1;
        Answer((_, _) => left-- > 0 ? IoError : Conflict);
        Assert.Equal(PrStatus.ReservationConflict, _rig.Template.Register(_path, 0, Key, ignoreKey: false));
    }

    [Fact]
    public void A_preempt_that_was_done_though_an_error_was_told_is_done()
    {
        int left = 1;
        Answer((command, argument) => command == Ioctls.IOC_PR_READ_KEYS ? Keys(argument, Key) : left-- > 0 ? IoError : Conflict);
        Assert.Equal(PrStatus.Success, _rig.Template.Preempt(_path, Key, 5, PrType.WriteExclusive, abort: false));
        left = 1;
        Answer((command, argument) => command == Ioctls.IOC_PR_READ_KEYS ? Keys(argument, Key, 5) : left-- > 0 ? IoError : Conflict);
        Assert.Equal(PrStatus.ReservationConflict, _rig.Template.Preempt(_path, Key, 5, PrType.WriteExclusive, abort: false));
    }

    [Theory]
    [InlineData(PathFailed, PrStatus.PathFailed)]
    [InlineData(RetryPathFailure, PrStatus.RetryPathFailure)]
    [InlineData(0xf0000, PrStatus.PathFastFailed)]
    [InlineData(-(int)Errno.ENODEV, PrStatus.PathFailed)]
    [InlineData(-(int)Errno.ENXIO, PrStatus.PathFailed)]
    public void A_path_that_fails_is_down_when_it_says_so_and_comes_back_when_it_answers(int answer, PrStatus expected)
    {
        bool answers = false;
        Answer((command, _) => command == Ioctls.SG_IO && Volatile.Read(ref answers) ? 0 : command == Ioctls.SG_IO ? -(int)Errno.ENODEV : answer);
        _device.Set("device/state", "offline");
        Assert.Equal(expected, _rig.Template.Reserve(_path, Key, PrType.WriteExclusive));
        Assert.False(_path.IsLive);
        Volatile.Write(ref answers, true);
        _device.Set("device/state", "running");
        Eventually.True(() => _path.IsUsable, "the path to come back");
    }

    [Fact]
    public void An_error_of_a_device_that_is_offline_is_a_failure_of_its_path()
    {
        Answer((_, _) =>
        {
            _device.Set("device/state", "offline");
            return IoError;
        });
        Assert.Equal(PrStatus.PathFailed, _rig.Template.Reserve(_path, Key, PrType.WriteExclusive));
        Assert.False(_path.IsLive);
    }

    [Fact]
    public void A_path_that_was_failed_has_failed()
    {
        ((BdevPath)_path.Disk).Fail();
        Assert.Equal(PrStatus.PathFailed, _rig.Template.ReadKeys(_path, out PrKeys? keys));
        Assert.Null(keys);
    }

    [Theory]
    [InlineData(Errno.EOPNOTSUPP)]
    [InlineData(Errno.ENOTTY)]
    public void A_device_without_reservations_does_not_support_them(Errno errno)
    {
        Answer((_, _) => -(int)errno);
        Assert.Equal(PrStatus.NotSupported, _rig.Template.Reserve(_path, Key, PrType.WriteExclusive));
        Assert.Equal(PrStatus.NotSupported, _rig.Template.ReadKeys(_path, out _));
        Assert.Equal(PrStatus.NotSupported, _rig.Template.ReadReservation(_path, out _));
        Assert.True(_path.IsUsable);
    }

    [Fact]
    public void A_SCSI_disk_that_does_not_know_the_commands_does_not_support_reservations()
    {
        // The kernel calls it an I/O error.
        Answer((command, argument) => command == Ioctls.SG_IO ? CheckCondition((sg_io_hdr*)argument, 5, 0x20) : IoError);
        Assert.Equal(PrStatus.NotSupported, _rig.Template.Register(_path, 0, Key, ignoreKey: true));
        Answer((command, argument) => command == Ioctls.SG_IO ? CheckCondition((sg_io_hdr*)argument, 5, 0x24) : IoError);
        Assert.Equal(PrStatus.IoError, _rig.Template.Register(_path, 0, Key, ignoreKey: true));
    }

    [Fact]
    public void A_partition_has_no_reservations()
    {
        using var rig = new BdevRig();
        (BdevPath path, FakeDevice device) = rig.Add(disk => disk.MakePartition(rig.Devices.Sysfs, "sda1", 2048));
        device.Answers = static (_, _) => -(int)Errno.EPERM;
        Assert.Equal(PrStatus.NotSupported, rig.Template.ReadKeys(path.Path!, out _));
        Assert.Equal(PrStatus.NotSupported, rig.Template.Register(path.Path!, 0, Key, ignoreKey: false));
    }

    [Fact]
    public void What_may_have_been_done_by_somebody_else_is_no_success()
    {
        int left = 0;

        // Nobody is registered with the key that is to be ended, and who is was not asked.
        Answer((_, argument) => left-- > 0 ? IoError : Conflict);
        left = 1;
        Assert.Equal(PrStatus.ReservationConflict, _rig.Template.Register(_path, 5, 0, ignoreKey: false));

        // A rival's key stays.
        Answer((command, argument) => command == Ioctls.IOC_PR_READ_KEYS ? Keys(argument, 0x42) : left-- > 0 ? IoError : Conflict);
        left = 1;
        Assert.Equal(PrStatus.ReservationConflict, _rig.Template.Clear(_path, Key));
        left = 1;
        Assert.Equal(PrStatus.ReservationConflict, _rig.Template.Preempt(_path, Key, Key, PrType.WriteExclusive, abort: false));

        Answer((command, argument) => command == Ioctls.IOC_PR_READ_KEYS ? Keys(argument) : left-- > 0 ? IoError : Conflict);
        left = 1;
        Assert.Equal(PrStatus.Success, _rig.Template.Clear(_path, Key));
    }

    [Fact]
    public void What_is_not_allowed_is_told_by_name()
    {
        Answer((_, _) => -(int)Errno.EPERM);
        BlockException refusal = Assert.Throws<BlockException>(() => _rig.Template.Reserve(_path, Key, PrType.WriteExclusive));
        Assert.Equal(Errno.EPERM, refusal.Errno);
        Assert.Contains("IOC_PR_RESERVE", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("it needs CAP_SYS_ADMIN", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_keys_are_read_however_many()
    {
        ulong[] all = [.. Enumerable.Range(1, 100).Select(i => (ulong)i)];
        Answer((_, argument) => Keys(argument, all));
        Assert.Equal(PrStatus.Success, _rig.Template.ReadKeys(_path, out PrKeys? keys));
        Assert.Equal((3u, 100), (keys!.Generation, keys.Count));
        Assert.Equal(all, keys.Keys);
    }

    [Fact]
    public void A_reservation_is_read_or_there_is_none()
    {
        var held = new pr_read_reservation { key = Key, generation = 9, type = 6 };
        Answer((_, argument) =>
        {
            *(pr_read_reservation*)argument = held;
            return 0;
        });
        Assert.Equal(PrStatus.Success, _rig.Template.ReadReservation(_path, out PrReservation? reservation));
        Assert.Equal(new PrReservation(9, Key, PrType.ExclusiveAccessAllRegistrants), reservation);
        held = default;
        Assert.Equal(PrStatus.Success, _rig.Template.ReadReservation(_path, out reservation));
        Assert.Null(reservation);
    }

    [Theory]
    [InlineData(Errno.ENOTTY)]
    [InlineData(Errno.EINVAL)]
    public void A_kernel_that_cannot_read_is_asked_to_pass_the_SCSI_command_on(Errno unknown)
    {
        int attentions = 2;
        Answer((command, argument) => command == Ioctls.SG_IO ? Scsi((sg_io_hdr*)argument, ref attentions) : -(int)unknown);
        Assert.Equal(PrStatus.Success, _rig.Template.ReadKeys(_path, out PrKeys? keys));
        Assert.Equal((7u, 2), (keys!.Generation, keys.Count));
        Assert.Equal([0x11, Key], keys.Keys);
        Assert.Equal(PrStatus.Success, _rig.Template.ReadReservation(_path, out PrReservation? reservation));
        Assert.Equal(new PrReservation(7, Key, PrType.ExclusiveAccessRegistrantsOnly), reservation);
    }

    [Theory]
    [InlineData("0000000000000000", 0u, 0, 0)]
    [InlineData("00000005000000100000000000000001000000000000000200000000", 5u, 2, 2)]
    [InlineData("0000000500000320000000000000000100000000000000020000", 5u, 100, 2)]
    public void Keys_are_parsed_as_far_as_there_was_room(string data, uint generation, int count, int read)
    {
        PrKeys keys = PersistentReserveIn.ParseKeys(Convert.FromHexString(data));
        Assert.Equal((generation, count, read), (keys.Generation, keys.Count, keys.Keys.Count));
        Assert.Equal(Enumerable.Range(1, read).Select(i => (ulong)i), keys.Keys);
    }

    [Theory]
    [InlineData(1, PrType.WriteExclusive)]
    [InlineData(3, PrType.ExclusiveAccess)]
    [InlineData(5, PrType.WriteExclusiveRegistrantsOnly)]
    [InlineData(6, PrType.ExclusiveAccessRegistrantsOnly)]
    [InlineData(7, PrType.WriteExclusiveAllRegistrants)]
    [InlineData(8, PrType.ExclusiveAccessAllRegistrants)]
    public void A_type_of_SCSI_is_one_of_the_kernels(byte type, PrType expected) =>
        Assert.Equal(expected, PersistentReserveIn.ParseReservation(Held(type))!.Type);

    [Fact]
    public void A_type_that_nobody_knows_is_told() =>
        Assert.Contains("type 4", Assert.Throws<BlockException>(() => PersistentReserveIn.ParseReservation(Held(4))).Message, StringComparison.Ordinal);

    // READ RESERVATION, as a target answers it.
    private static byte[] Held(byte type) => Convert.FromHexString($"0000000700000010{Key:x16}00000000000{type:x}0000");

    private static int Keys(void* argument, params ulong[] keys)
    {
        var asked = (pr_read_keys*)argument;
        keys.AsSpan(0, Math.Min(keys.Length, (int)asked->num_keys)).CopyTo(new Span<ulong>((void*)asked->keys_ptr, (int)asked->num_keys));
        (asked->generation, asked->num_keys) = (3, (uint)keys.Length);
        return 0;
    }

    private static int Scsi(sg_io_hdr* header, ref int attentions)
    {
        byte* command = (byte*)header->cmdp;
        Assert.Equal(0x5E, command[0]);
        if (attentions-- > 0)
        {
            return CheckCondition(header, 6, 0x29);
        }

        byte[] answer = command[1] == 0
            ? Convert.FromHexString("000000070000001000000000000000111122334455667788")
            : Held(6);
        answer.CopyTo(new Span<byte>((void*)header->dxferp, (int)header->dxfer_len));
        return 0;
    }

    private static int CheckCondition(sg_io_hdr* header, byte key, byte code)
    {
        header->status = 2;
        header->sb_len_wr = 18;
        byte* sense = (byte*)header->sbp;
        (sense[0], sense[2], sense[12]) = (0x70, key, code);
        return 0;
    }

    private void Answer(FakeControl answer) => _device.Answers = (command, argument) =>
    {
        lock (_asked)
        {
            _asked.Add(command);
        }

        return answer(command, argument);
    };
}

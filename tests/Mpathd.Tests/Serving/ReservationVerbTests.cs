using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Serving;

public sealed class ReservationVerbTests
{
    private const string Shared = "exclusive-access-registrants-only";

    [Theory]
    [InlineData("0", 0UL)]
    [InlineData("42", 42UL)]
    [InlineData("0x123ABC", 0x123abcUL)]
    [InlineData("0xffffffffffffffff", ulong.MaxValue)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    public void A_key_is_decimal_or_hexadecimal(string text, ulong key) => Assert.Equal(key, ReservationText.ParseKey(text));

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("-1")]
    [InlineData("12x")]
    [InlineData("0x1ffffffffffffffff")]
    [InlineData(" 1")]
    public void What_is_no_key_is_refused_with_an_example(string text)
    {
        FormatException refused = Assert.Throws<FormatException>(() => ReservationText.ParseKey(text));
        Assert.Equal($"'{text}' is not a key; give a number of up to 64 bits, such as 0x123abc", refused.Message);
    }

    [Fact]
    public void Types_are_read_as_they_are_written()
    {
        Assert.Equal(6, ReservationText.TypeNames.Count());
        Assert.All(ReservationText.TypeNames, name => Assert.Equal(name, ReservationText.Format(ReservationText.ParseType(name))));
        Assert.Contains("give one of write-exclusive, exclusive-access, ", Assert.Throws<FormatException>(() => ReservationText.ParseType("shared")).Message);
    }

    [Fact]
    public void The_verbs_register_on_every_path_and_show_one_device()
    {
        using var disk = new ReservableDisk(3);
        Assert.Equal("registered: 0x11", disk.Do(ControlVerbs.PrRegister, new() { Key = "17" }));
        Assert.Equal(3, disk.Target.ReadKeys().Count);
        Assert.Equal(["0x11"], disk.Reservations.ReadKeys().Keys!);
        Assert.Equal($"reserved: {Shared}", disk.Do(ControlVerbs.PrReserve, new() { Key = "0x11", Type = Shared }));
        ReservationStatus reserved = disk.Reservations.ReadReservation();
        Assert.Equal((true, "0x11", Shared), (reserved.Reserved, reserved.Key, reserved.Type));
        Assert.Equal("preempted: 0x11", disk.Do(ControlVerbs.PrPreempt, new() { Key = "0x11", OldKey = "0x11", Type = "write-exclusive" }));
        Assert.Equal("write-exclusive", disk.Reservations.ReadReservation().Type);
        Assert.Equal("released: write-exclusive", disk.Do(ControlVerbs.PrRelease, new() { Key = "0x11", Type = "write-exclusive" }));
        Assert.Equal(false, disk.Reservations.ReadReservation().Reserved);
        Assert.Equal("registered: 0x22", disk.Do(ControlVerbs.PrRegister, new() { Key = "0x22", Ignore = true }));
        Assert.Equal("not registered", disk.Do(ControlVerbs.PrRegister, new() { Key = "0", OldKey = "0x22" }));
        Assert.Empty(disk.Reservations.ReadKeys().Keys!);
        disk.Do(ControlVerbs.PrRegister, new() { Key = "1" });
        Assert.Equal("cleared", disk.Do(ControlVerbs.PrClear, new() { Key = "1" }));
        Assert.Empty(disk.Reservations.ReadKeys().Keys!);
    }

    [Fact]
    public void A_conflict_says_what_was_asked_and_with_which_key_the_disk_is_registered()
    {
        using var disk = new ReservableDisk(2);
        MpathdException refused = Assert.Throws<MpathdException>(() => disk.Do(ControlVerbs.PrReserve, new() { Key = "0x33", Type = Shared }));
        Assert.Equal((ExitCode.Failed, "the disk cannot reserve with the key 0x33: reservation conflict"), (refused.Code, refused.Message));
        Assert.StartsWith("the disk is not registered; ", refused.Remedy);
        disk.Do(ControlVerbs.PrRegister, new() { Key = "0x11" });
        refused = Assert.Throws<MpathdException>(() => disk.Do(ControlVerbs.PrPreempt, new() { Key = "0x11", OldKey = "0xbad", Type = Shared }));
        Assert.Equal("the disk cannot preempt the key 0x11 with the key 0xbad: reservation conflict", refused.Message);
        Assert.StartsWith("the disk is registered with the key 0x11; ", refused.Remedy);
    }

    [Fact]
    public async Task Paths_that_know_no_reservations_are_said_to()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        MpathdException refused = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.PrReadKeys });
        Assert.Equal(ExitCode.Failed, refused.Code);
        Assert.StartsWith("the disk cannot read the keys: its paths know no persistent reservations", refused.Message);
        refused = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.PrReadReservation });
        Assert.StartsWith("the disk cannot read the reservation: its paths know no persistent reservations", refused.Message);
        refused = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.PrRegister, Reservation = new() { Key = "1" } });
        Assert.StartsWith("the disk cannot register the key 0x1 in place of 0x0: ", refused.Message);
    }

    [Theory]
    [InlineData(ControlVerbs.PrRegister, null, null, "the request has no key")]
    [InlineData(ControlVerbs.PrClear, "x", null, "'x' is not a key; give a number of up to 64 bits, such as 0x123abc")]
    [InlineData(ControlVerbs.PrReserve, "1", null, "the request has no type")]
    [InlineData(ControlVerbs.PrRelease, "1", "all", "there is no type 'all'; give one of write-exclusive")]
    public async Task A_request_that_lacks_something_is_refused(string verb, string? key, string? type, string why)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdException refused = await daemon.RefusedAsync(
            new ControlRequest { Verb = verb, Reservation = key is null ? null : new() { Key = key, Type = type } });
        Assert.Equal(ExitCode.WrongArguments, refused.Code);
        Assert.StartsWith(why, refused.Message);
    }
}

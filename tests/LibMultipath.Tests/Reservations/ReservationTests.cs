using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reservations;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Reservations;

public sealed class ReservationTests
{
    private const ulong Key = 0x11;
    private const PrType Type = PrType.WriteExclusiveRegistrantsOnly;

    [Fact]
    public void F18_a_driver_without_reservations_answers_not_supported_to_everything()
    {
        using Rig rig = new(1);
        using var reservations = new MpathReservations(rig.Head);

        Assert.False(reservations.IsSupported);
        Assert.Equal(PrStatus.NotSupported, reservations.Register(0, Key));
        Assert.Equal(PrStatus.NotSupported, reservations.Reserve(Key, Type));
        Assert.Equal(PrStatus.NotSupported, reservations.Release(Key, Type));
        Assert.Equal(PrStatus.NotSupported, reservations.Preempt(Key, 1, Type));
        Assert.Equal(PrStatus.NotSupported, reservations.Clear(Key));
        Assert.Equal(PrStatus.NotSupported, reservations.ReadKeys(out _));
        Assert.Equal(PrStatus.NotSupported, reservations.ReadReservation(out _));
        Assert.Equal(0UL, reservations.Key);
    }

    [Theory]
    [InlineData(ReservationScope.Host)]
    [InlineData(ReservationScope.Nexus)]
    public void Without_a_path_every_operation_says_so(ReservationScope scope)
    {
        using ReservationRig rig = new(0, scope: scope);

        Assert.Equal(PrStatus.NoPath, rig.Reservations.Register(0, Key));
        Assert.Equal(PrStatus.NoPath, rig.Reservations.Register(0, 0));
        Assert.Equal(PrStatus.NoPath, rig.Reservations.Reserve(Key, Type));
        Assert.Equal(PrStatus.NoPath, rig.Reservations.Release(Key, Type));
        Assert.Equal(PrStatus.NoPath, rig.Reservations.Preempt(Key, 1, Type));
        Assert.Equal(PrStatus.NoPath, rig.Reservations.Clear(Key));
        Assert.Equal(PrStatus.NoPath, rig.Reservations.ReadKeys(out _));
        Assert.Equal(PrStatus.NoPath, rig.Reservations.ReadReservation(out _));
    }

    [Fact]
    public void A_target_that_knows_the_host_is_asked_on_one_path()
    {
        using ReservationRig rig = new(3, scope: ReservationScope.Host);

        Assert.Equal(PrStatus.Success, rig.Reservations.Register(0, Key));
        Assert.Equal(PrStatus.Success, rig.Reservations.Reserve(Key, PrType.ExclusiveAccess));

        Assert.Equal(2, rig.Template.Commands.Count);
        Assert.Equal([Key], rig.Keys);
        Assert.Equal([0, 1, 2], rig.Used);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_operation_that_a_failing_path_may_have_carried_out_succeeds_on_the_next(bool carriedOut)
    {
        using ReservationRig rig = new(2, scope: ReservationScope.Host);
        FailOnce(rig, carriedOut);
        Assert.Equal(PrStatus.Success, rig.Reservations.Register(0, Key));
        FailOnce(rig, carriedOut);
        Assert.Equal(PrStatus.Success, rig.Reservations.Reserve(Key, Type));
        FailOnce(rig, carriedOut);
        Assert.Equal(PrStatus.Success, rig.Reservations.Release(Key, Type));
        rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        FailOnce(rig, carriedOut);
        Assert.Equal(PrStatus.Success, rig.Reservations.Preempt(Key, ReservationRig.RivalKey, Type));
        FailOnce(rig, carriedOut);
        Assert.Equal(PrStatus.Success, rig.Reservations.Clear(Key));
        Assert.Empty(rig.Keys);
    }

    [Fact]
    public void What_a_driver_throws_is_an_error_and_is_logged()
    {
        using ReservationRig rig = new(1, scope: ReservationScope.Host);
        rig.Template.Before = (_, _) => throw new InvalidOperationException("broken");

        Assert.Equal(PrStatus.IoError, rig.Reservations.Register(0, Key));

        Assert.Contains(rig.Rig.Log.Lines, line => line.Id == 503);
    }

    [Fact]
    public void A_type_that_there_is_not_is_refused()
    {
        using ReservationRig rig = new(1);

        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Reservations.Reserve(Key, (PrType)7));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Reservations.Release(Key, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => rig.Reservations.Preempt(Key, 1, (PrType)(-1)));
        Assert.Empty(rig.Keys);
    }

    [Fact]
    public void A_head_has_its_registrations_looked_after_by_one()
    {
        using ReservationRig rig = new(1);

        Assert.Throws<InvalidOperationException>(() => new MpathReservations(rig.Rig.Head));
    }

    [Fact]
    public void Paths_are_used_as_they_are_once_nobody_looks_after_the_registrations()
    {
        using ReservationRig rig = new(2);
        rig.Template.Before = (_, _) => PrStatus.IoError;
        MpathDevice path = rig.AddPath();
        rig.Rig.Work.RunAll();
        Assert.False(path.IsUsable);

        rig.Reservations.Dispose();

        Assert.True(path.IsUsable);
    }

    [Fact]
    public void A_path_that_cannot_be_asked_is_tried_again_after_a_while()
    {
        using ReservationRig rig = new(1);
        rig.Template.Before = (_, _) => PrStatus.IoError;
        MpathDevice path = rig.AddPath();
        rig.Rig.Work.RunAll();
        Assert.False(path.IsUsable);

        rig.Template.Before = null;
        rig.Rig.Pass(TimeSpan.FromSeconds(1));

        Assert.True(path.IsUsable);
    }

    [Fact]
    public void A_device_that_knows_no_reservations_is_used_all_the_same()
    {
        using ReservationRig rig = new(0);
        rig.Template.Before = (_, _) => PrStatus.NotSupported;
        MpathDevice path = rig.AddPath();
        rig.Rig.Work.RunAll();

        Assert.True(path.IsUsable);
        Assert.Equal(PrStatus.NotSupported, rig.Reservations.Register(0, Key));
    }

    [Fact]
    public void Io_waits_for_a_path_that_is_not_admitted_yet()
    {
        using ReservationRig rig = new(1);
        rig.Template.Available = _ => false;
        rig.Down(0);
        rig.Paths[0].SetLive();

        Io io = rig.Rig.Submit();
        Assert.False(io.HasEnded);
        rig.Rig.Work.RunAll();

        io.AssertEnded(BlockStatus.Ok);
    }

    private static void FailOnce(ReservationRig rig, bool carriedOut)
    {
        bool failed = false;
        Func<MpathDevice, string, PrStatus?> fail = (path, command) =>
        {
            if (failed || command.StartsWith("read", StringComparison.Ordinal))
            {
                return null;
            }

            failed = true;
            return PrStatus.PathFailed;
        };
        rig.Template.Before = carriedOut ? null : fail;
        rig.Template.After = carriedOut ? fail : null;
    }
}

using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reservations;

namespace LibMultipath.Tests.Reservations;

/// <summary>
/// The hazards of registrations on targets that know one by the path, each as the specification lists it; those of the
/// reservation are in <see cref="HolderHazardTests"/>.
/// </summary>
public sealed class HazardTests
{
    private const ulong Key = 0x11;
    private const ulong Other = 0x22;
    private const PrType Shared = PrType.ExclusiveAccessRegistrantsOnly;

    [Fact]
    public void F12_registering_goes_down_every_path()
    {
        using ReservationRig rig = new(4);

        Assert.Equal(PrStatus.Success, rig.Reservations.Register(0, Key));

        Assert.Equal([Key, Key, Key, Key], rig.Keys);
        Assert.Equal(PrStatus.Success, rig.Reservations.Reserve(Key, Shared));
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
        Assert.Equal([0, 1, 2, 3], rig.Used);
    }

    [Fact]
    public void A_registration_that_one_path_cannot_make_is_made_on_none()
    {
        using ReservationRig rig = new(4);
        rig.Template.Before = (path, command) => path == rig.Paths[2] && command == "register 0 17" ? PrStatus.IoError : null;

        Assert.Equal(PrStatus.IoError, rig.Reservations.Register(0, Key));

        Assert.Empty(rig.Keys);
        rig.Template.Before = null;
        rig.Rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1, 2, 3], rig.Used);
        Assert.Empty(rig.Keys);
    }

    [Fact]
    public void A_change_of_the_key_that_one_path_cannot_make_is_made_on_none()
    {
        using ReservationRig rig = new(4);
        rig.Reservations.Register(0, Key);
        rig.Template.Before = (path, command) => path == rig.Paths[3] && command == "register 17 34" ? PrStatus.IoError : null;

        Assert.Equal(PrStatus.IoError, rig.Reservations.Register(Key, Other));

        rig.Template.Before = null;
        rig.Rig.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([Key, Key, Key, Key], rig.Keys);
        Assert.Equal(Key, rig.Reservations.Key);
        Assert.Equal([0, 1, 2, 3], rig.Used);
    }

    [Fact]
    public void A_path_that_fails_and_is_not_down_fails_the_registration()
    {
        using ReservationRig rig = new(2);
        rig.Template.Before = (path, command) => path == rig.Paths[1] && command == "register 0 17" ? PrStatus.RetryPathFailure : null;

        Assert.Equal(PrStatus.RetryPathFailure, rig.Reservations.Register(0, Key));

        Assert.Empty(rig.Keys);
    }

    [Fact]
    public void A_path_that_goes_down_while_it_registers_is_skipped()
    {
        using ReservationRig rig = new(3);
        rig.Template.Before = (path, command) =>
        {
            if (path == rig.Paths[1] && command == "register 0 17")
            {
                path.SetDown();
            }

            return null;
        };

        Assert.Equal(PrStatus.Success, rig.Reservations.Register(0, Key));

        Assert.Equal([Key, Key], rig.Keys);
        rig.Template.Before = null;
        rig.Up(1);
        Assert.Equal([Key, Key, Key], rig.Keys);
        Assert.Equal([0, 1, 2], rig.Used);
    }

    [Fact]
    public void A_path_that_was_down_is_registered_before_it_is_used()
    {
        using ReservationRig rig = new(4);
        rig.Down(2);
        rig.Reservations.Register(0, Key);
        rig.Reservations.Reserve(Key, Shared);
        Assert.Equal([Key, Key, Key], rig.Keys);

        rig.Paths[2].SetLive();
        Assert.True(rig.Paths[2].IsUnadmitted);
        Assert.Equal([0, 1, 3], rig.Used);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());

        Assert.Equal([Key, Key, Key, Key], rig.Keys);
        Assert.Equal([0, 1, 2, 3], rig.Used);
    }

    [Fact]
    public void A_stale_key_is_removed_from_a_path_that_returns_to_an_unregistered_disk()
    {
        using ReservationRig rig = new(2);
        rig.Reservations.Register(0, Key);
        rig.Down(1);
        Assert.Equal(PrStatus.Success, rig.Reservations.Register(Key, 0));
        Assert.Empty(rig.Keys);
        rig.Target.Register(1, 0, Key, ignoreKey: false);

        rig.Up(1);

        Assert.Empty(rig.Keys);
        Assert.Equal([0, 1], rig.Used);
    }

    [Fact]
    public void A_new_path_is_registered_first_and_then_used()
    {
        using ReservationRig rig = ReservationRig.Holding(2, Key, Shared);

        MpathDevice path = rig.AddPath();
        Assert.False(path.IsUsable);
        rig.Rig.Work.RunAll();

        Assert.True(path.IsUsable);
        Assert.Equal([Key, Key, Key], rig.Keys);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
    }

    [Fact]
    public void A_path_never_gets_access_that_a_preempt_has_taken_away()
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, Shared);
        rig.Down(1);
        rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, Key, Shared);

        rig.Up(1);

        Assert.Equal([ReservationRig.RivalKey], rig.Keys);
        Assert.Equal(0UL, rig.Reservations.Key);
        Assert.Equal(BlockStatus.ReservationConflict, rig.SubmitOnAll());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_preempt_while_a_path_returns_takes_the_key_from_it_too(int at)
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, Shared);
        rig.Down(1);
        rig.Target.Register(1, Key, 0, ignoreKey: false);
        rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        int commands = 0;
        rig.Template.Before = (_, _) =>
        {
            if (commands++ == at)
            {
                rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, Key, Shared);
            }

            return null;
        };

        rig.Up(1);
        rig.Template.Before = null;
        if (commands <= at)
        {
            rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, Key, Shared);
        }

        Assert.Equal([ReservationRig.RivalKey], rig.Keys);
        Assert.Equal(BlockStatus.ReservationConflict, rig.SubmitOnAll());
    }

    [Fact]
    public void The_old_key_counts_as_ours_until_the_change_is_done()
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, Shared);
        rig.Down(0);

        Assert.Equal(PrStatus.Success, rig.Reservations.Register(Key, Other));

        // The path that holds the reservation is down, and yet nothing is left under the old key.
        Assert.DoesNotContain(Key, rig.Keys);
        Assert.Equal(Other, rig.Target.ReadReservation()!.Key);
        rig.Up(0);
        Assert.Equal([Other, Other, Other], rig.Keys);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
    }

    [Fact]
    public void A_reservation_stays_ours_under_the_key_that_a_path_failed_to_change_to()
    {
        using var rig = ReservationRig.Holding(2, Key, PrType.ExclusiveAccess);
        int holder = Assert.Single(rig.Used);
        int other = 1 - holder;
        rig.Down(other);
        FailAfterChange(rig);
        Assert.Equal(PrStatus.PathFailed, rig.Reservations.Register(Key, Other));
        rig.Template.After = null;

        // The other path takes what the one that cannot be asked may have, and has the access that it had.
        rig.Up(other);
        Assert.Equal([other], rig.Used);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
        Assert.Equal([Key], rig.Keys);
        rig.Up(holder);
        Assert.Equal([other], rig.Used);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
        Assert.Equal([Key, Key], rig.Keys);
    }

    [Fact]
    public void A_change_that_only_a_failed_path_knows_to_be_done_is_done_when_it_returns()
    {
        using var rig = ReservationRig.Holding(1, Key, PrType.ExclusiveAccess);
        FailAfterChange(rig);
        Assert.Equal(PrStatus.PathFailed, rig.Reservations.Register(Key, Other));
        rig.Template.After = null;
        rig.Up(0);
        Assert.Equal(Other, rig.Reservations.Key);
        Assert.Equal(PrType.ExclusiveAccess, rig.Target.ReadReservation()!.Type);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
        Assert.Equal(PrStatus.Success, rig.Reservations.Release(Other, PrType.ExclusiveAccess));
    }

    [Fact]
    public void A_preempt_of_the_old_key_in_the_middle_of_a_change_ends_the_registration()
    {
        using ReservationRig rig = new(3);
        rig.Reservations.Register(0, Key);
        rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        rig.Template.After = (path, command) =>
        {
            if (path == rig.Paths[0] && command == "register 17 34")
            {
                rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, Key, Shared);
            }

            return null;
        };

        Assert.Equal(PrStatus.ReservationConflict, rig.Reservations.Register(Key, Other));

        Assert.Equal([ReservationRig.RivalKey], rig.Keys);
        Assert.Equal(0UL, rig.Reservations.Key);
    }

    [Fact]
    public void A_new_process_finds_its_key_and_brings_the_paths_into_line()
    {
        var target = new ScsiTarget();
        target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        target.Register(1, 0, Key, ignoreKey: false);
        target.Register(3, 0, Key, ignoreKey: false);
        target.Reserve(3, Key, Shared);
        using ReservationRig rig = new(4, target);

        Assert.Equal(Key, rig.Reservations.Key);
        Assert.Equal([Key, Key, Key, Key, ReservationRig.RivalKey], rig.Keys);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
    }

    [Fact]
    public void A_new_process_ends_the_change_of_a_key_that_was_not_done()
    {
        var target = new ScsiTarget();
        target.Register(0, 0, Other, ignoreKey: false);
        target.Register(1, 0, Key, ignoreKey: false);
        target.Register(2, 0, Key, ignoreKey: false);
        target.Reserve(0, Other, Shared);
        using ReservationRig rig = new(3, target);

        Assert.Equal(Other, rig.Reservations.Key);
        Assert.Equal([Other, Other, Other], rig.Keys);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
    }

    [Theory]
    [InlineData(PrType.WriteExclusive)]
    [InlineData(PrType.ExclusiveAccess)]
    public void A_new_process_finds_the_path_that_holds_a_reservation_for_the_holder_only(PrType type)
    {
        var target = new ScsiTarget();
        target.Register(1, 0, Key, ignoreKey: false);
        target.Register(2, 0, Key, ignoreKey: false);
        target.Reserve(2, Key, type);
        using ReservationRig rig = new(3, target);

        Assert.Equal([2], rig.Used);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
    }

    [Fact]
    public void A_target_that_registers_all_ports_at_once_causes_no_conflict()
    {
        using ReservationRig rig = new(4, new ScsiTarget { RegistersAllPorts = true });

        Assert.Equal(PrStatus.Success, rig.Reservations.Register(0, Key));
        Assert.Equal(PrStatus.Success, rig.Reservations.Reserve(Key, Shared));
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
        Assert.Equal(PrStatus.Success, rig.Reservations.Register(Key, Other));
        Assert.Equal(Other, rig.Target.ReadReservation()!.Key);
        Assert.Equal(PrStatus.Success, rig.Reservations.Register(Other, 0));
        Assert.Empty(rig.Keys);
    }

    [Fact]
    public void Keys_are_shown_as_one_device_would_show_them()
    {
        using ReservationRig rig = new(4);
        rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        rig.Reservations.Register(0, Key);

        Assert.Equal(PrStatus.Success, rig.Reservations.ReadKeys(out PrKeys? keys));

        Assert.Equal([Key, ReservationRig.RivalKey], keys!.Keys);
        Assert.Equal(2, keys.Count);
    }

    /// <summary>The next change is carried out, but its path goes down before it can say so.</summary>
    private static void FailAfterChange(ReservationRig rig) => rig.Template.After = (path, _) =>
    {
        path.SetDown();
        return PrStatus.PathFailed;
    };
}

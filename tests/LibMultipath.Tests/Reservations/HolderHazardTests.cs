using LibMultipath.Block;
using LibMultipath.Reservations;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Reservations;

/// <summary>The hazards of a reservation that one of several registrations holds, each as the specification lists it.</summary>
public sealed class HolderHazardTests
{
    private const ulong Key = 0x11;
    private const ulong Other = 0x22;
    private const PrType Shared = PrType.ExclusiveAccessRegistrantsOnly;
    private const PrType WriteShared = PrType.WriteExclusiveRegistrantsOnly;

    public static TheoryData<PrType> Types => [.. Enum.GetValues<PrType>()];

    [Theory]
    [MemberData(nameof(Types))]
    public void Reserving_again_is_no_conflict_whichever_path_it_lands_on(PrType type)
    {
        using ReservationRig rig = new(4);
        rig.Reservations.Register(0, Key);

        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(PrStatus.Success, rig.Reservations.Reserve(Key, type));
            Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
        }

        Assert.Equal(PrStatus.ReservationConflict, rig.Reservations.Reserve(Key, type == Shared ? WriteShared : Shared));
        Assert.Equal(PrStatus.ReservationConflict, rig.Reservations.Reserve(Other, type));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_type_is_changed_by_preempting_oneself_and_every_path_keeps_its_access(PrType type)
    {
        using ReservationRig rig = ReservationRig.Holding(4, Key, Shared);

        Assert.Equal(PrStatus.Success, rig.Reservations.Preempt(Key, Key, type));

        Assert.Equal([Key, Key, Key, Key], rig.Keys);
        Assert.Equal(type, rig.Target.ReadReservation()!.Type);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
        Assert.Equal(type.IsHolderOnly() ? 1 : 4, rig.Used.Length);
    }

    [Fact]
    public void Io_waits_while_the_type_is_changed_and_never_meets_a_conflict()
    {
        using ReservationRig rig = ReservationRig.Holding(2, Key, Shared);
        Io? during = null;
        rig.Template.After = (_, command) =>
        {
            if (command.StartsWith("preempt", StringComparison.Ordinal))
            {
                during = rig.Rig.Submit(op: BioOp.Write);
                Assert.False(during.HasEnded);
            }

            return null;
        };

        Assert.Equal(PrStatus.Success, rig.Reservations.Preempt(Key, Key, WriteShared));
        rig.Rig.Work.RunAll();

        during!.AssertEnded(BlockStatus.Ok);
    }

    [Fact]
    public async Task Io_is_held_for_no_longer_than_the_limit()
    {
        using ReservationRig rig = ReservationRig.Holding(2, Key, Shared);
        TestDisk stuck = rig.Rig[0];
        stuck.Hold = true;
        Io io = rig.Rig.Submit(op: BioOp.Write);
        Io second = rig.Rig.Submit(op: BioOp.Write);
        Assert.False(io.HasEnded && second.HasEnded);
        int timers = rig.Rig.Time.ArmedTimers;

        Task<PrStatus> change = Task.Run(() => rig.Reservations.Preempt(Key, Key, WriteShared));
        Kit.Eventually.True(() => rig.Paths.All(path => path.WorksButIsKeptBack), "I/O to be held");
        Io held = rig.Rig.Submit(op: BioOp.Write);
        Assert.False(held.HasEnded);
        Kit.Eventually.True(() => rig.Rig.Time.ArmedTimers > timers, "the limit to be set");
        rig.Rig.Time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(PrStatus.RetryPathFailure, await change.WaitAsync(Kit.Eventually.Limit));
        Assert.Equal(Shared, rig.Target.ReadReservation()!.Type);
        stuck.Hold = false;
        foreach (BioAttempt attempt in stuck.Held)
        {
            attempt.Complete(BlockStatus.Ok);
        }

        rig.Rig.Work.RunAll();
        Assert.Equal(1, held.Ends);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_reservation_is_released_although_the_path_that_holds_it_is_down(PrType type)
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, type);
        rig.Down(0);

        Assert.Equal(PrStatus.Success, rig.Reservations.Release(Key, type));

        Assert.False(rig.Target.IsReserved);
        rig.Up(0);
        Assert.Equal([Key, Key, Key], rig.Keys);
        Assert.Equal([0, 1, 2], rig.Used);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Releasing_another_type_is_a_conflict_and_changes_nothing(PrType type)
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, type);

        PrType other = type == Shared ? WriteShared : Shared;
        Assert.Equal(PrStatus.ReservationConflict, rig.Reservations.Release(Key, other));

        Assert.Equal(type, rig.Target.ReadReservation()!.Type);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Unregistering_ends_the_reservation_although_the_path_that_holds_it_is_down(PrType type)
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, type);
        rig.Down(0);

        Assert.Equal(PrStatus.Success, rig.Reservations.Register(Key, 0));

        Assert.Empty(rig.Keys);
        Assert.False(rig.Target.IsReserved);
        rig.Up(0);
        Assert.Empty(rig.Keys);
        Assert.Equal([0, 1, 2], rig.Used);
    }

    [Fact]
    public void A_preempt_in_the_middle_of_a_release_is_not_undone()
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, Shared);
        rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        rig.Down(0);
        rig.Template.After = (_, command) =>
        {
            if (command == "register 0 17 ignore")
            {
                rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, Key, Shared);
            }

            return null;
        };

        rig.Reservations.Release(Key, Shared);
        rig.Template.After = null;

        Assert.Equal([ReservationRig.RivalKey], rig.Keys);
        Assert.Equal(0UL, rig.Reservations.Key);
        rig.Up(0);
        Assert.Equal([ReservationRig.RivalKey], rig.Keys);
    }

    [Fact]
    public void A_preempt_while_another_path_takes_over_is_not_undone_by_one_that_fails_when_it_is_registered()
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, PrType.ExclusiveAccess);
        rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        bool isOver = false;
        rig.Template.Before = (path, command) =>
        {
            if (command == "register 0 17 ignore" && !isOver)
            {
                rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, Key, PrType.WriteExclusive);
            }

            return null;
        };
        rig.Template.After = (path, command) =>
        {
            if (command != "register 0 17 ignore" || isOver)
            {
                return null;
            }

            isOver = true;
            path.SetDown();
            return PrStatus.PathFailed;
        };

        rig.Down(0);

        Assert.True(isOver);
        Assert.Equal(0UL, rig.Reservations.Key);
        rig.Up(2);
        rig.Up(0);
        Assert.Equal([ReservationRig.RivalKey], rig.Keys);
    }

    [Theory]
    [InlineData(PrType.WriteExclusive)]
    [InlineData(PrType.ExclusiveAccess)]
    public void Under_a_type_for_the_holder_only_its_path_is_used_and_another_takes_over(PrType type)
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, type);
        Assert.Equal([0], rig.Used);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());

        rig.Down(0);
        Assert.Equal([1], rig.Used);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());

        rig.Up(0);
        Assert.Equal([1], rig.Used);
        rig.Reservations.Release(Key, type);
        Assert.Equal([0, 1, 2], rig.Used);
        Assert.Equal([Key, Key, Key], rig.Keys);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_path_that_gets_the_key_in_place_of_one_with_which_it_holds_is_the_one_that_is_used(bool returns)
    {
        using ReservationRig rig = new(2);
        if (returns)
        {
            Assert.Equal(PrStatus.Success, rig.Reservations.Register(0, Key));
            rig.Down(1);
        }

        // What an operation leaves behind that failed on every path.
        Assert.Equal(PrStatus.Success, rig.Target.Register(1, 0, Other, ignoreKey: true));
        Assert.Equal(PrStatus.Success, rig.Target.Reserve(1, Other, PrType.ExclusiveAccess));
        if (returns)
        {
            rig.Up(1);
        }
        else
        {
            Assert.Equal(PrStatus.Success, rig.Reservations.Register(0, Key, ignoreKey: true));
            rig.Rig.Work.RunAll();
        }

        Assert.Single(rig.Used);
        Assert.Equal(BlockStatus.Ok, rig.SubmitOnAll());
        Assert.Equal([Key, Key], rig.Keys);
    }

    [Fact]
    public void A_rival_that_has_preempted_us_is_no_reason_to_try_other_paths()
    {
        using ReservationRig rig = ReservationRig.Holding(3, Key, Shared);
        rig.Target.Register(ReservationRig.Rival, 0, ReservationRig.RivalKey, ignoreKey: false);
        rig.Target.Preempt(ReservationRig.Rival, ReservationRig.RivalKey, Key, Shared);

        Assert.Equal(BlockStatus.ReservationConflict, rig.Submit());
        Assert.Equal(PrStatus.ReservationConflict, rig.Reservations.Reserve(Key, Shared));
        Assert.Equal(PrStatus.ReservationConflict, rig.Reservations.Register(Key, Other));
        Assert.All(rig.Paths, path => Assert.Equal(0, path.Statistics.Failovers));
    }
}

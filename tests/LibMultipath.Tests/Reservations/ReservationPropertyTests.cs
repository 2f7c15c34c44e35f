using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Reservations;

public sealed class ReservationPropertyTests(ITestOutputHelper output)
{
    [Fact]
    public void A_disk_of_many_paths_cannot_be_told_from_an_ideal_device_with_one() =>
        Prop.ForAll(History.Any(kinds: 23, longest: 40), history =>
        {
            using ReservationModel model = new(history.Setup);
            foreach (Step step in history.Steps)
            {
                model.Play(step);
            }
        }).Check(Seeds.Config(output, 3000));

    [Fact]
    public void A_disturbed_operation_leaves_all_paths_with_the_same_access() =>
        Prop.ForAll(History.Any(kinds: 11, longest: 25), history =>
        {
            using DisturbedReservations disturbed = new(history.Setup);
            foreach (Step step in history.Steps)
            {
                disturbed.Play(step);
            }
        }).Check(Seeds.Config(output, 6000));
}

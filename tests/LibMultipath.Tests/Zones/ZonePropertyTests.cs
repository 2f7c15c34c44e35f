using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Zones;

public sealed class ZonePropertyTests(ITestOutputHelper output)
{
    [Fact]
    public void Zones_behind_paths_that_die_cannot_be_told_from_those_of_an_ideal_device() =>
        Prop.ForAll(History.Any(kinds: 12, longest: 60), history =>
        {
            using ZoneModel model = new(history.Setup);
            foreach (Step step in history.Steps)
            {
                model.Play(step);
            }
        }).Check(Seeds.Config(output, 3000));
}

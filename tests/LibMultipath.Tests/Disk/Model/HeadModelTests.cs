using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Tests.Kit;
using LibMultipath.Tests.Paths;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Disk.Model;

public sealed class HeadModelTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_happens_every_bio_ends_once_in_a_way_that_it_may_and_nothing_is_left()
    {
        int submitted = 0;
        int failovers = 0;
        int waited = 0;
        int cancelled = 0;
        Prop.ForAll(History.Any(HeadModel.Kinds, 120), history =>
        {
            HeadModel model = new(history.Setup);
            foreach (Step step in history.Steps)
            {
                model.Play(step);
            }

            model.Finish();
            submitted += model.Submitted;
            failovers += model.Failovers;
            waited += model.Waited;
            cancelled += model.Cancelled;
            return true;
        }).Check(Seeds.Config(output, 1000));

        output.WriteLine($"{submitted} bios, {failovers} failovers, {waited} that waited, {cancelled} cancelled.");
        Assert.True(submitted > 2000 && failovers > 300 && waited > 100 && cancelled > 50, "The histories say little.");
    }
}

using LibMultipath.Tests.Kit;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Reclamation;

/// <summary>Ten seconds in all by default; <c>LIBMULTIPATH_TORTURE_SECONDS</c> says otherwise.</summary>
[Collection(AloneCollection.Name)]
public sealed class SrcuTortureTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(int.MaxValue, 0.7)]
    [InlineData(2, 0.3)]
    public async Task Nobody_sees_an_object_after_its_grace_period(int threadsWithASlot, double share)
    {
        TimeSpan duration = Duration() * share;
        output.WriteLine($"{duration.TotalSeconds} s");
        using SrcuTorture torture = new(Seeds.Next(output), threadsWithASlot);
        await torture.RunAsync(duration);
        output.WriteLine($"{torture.Sections} sections, {torture.Reclaimed} objects reclaimed");
        Assert.NotEqual(0, torture.Sections);
        Assert.NotEqual(0, torture.Reclaimed);
        Assert.Equal(torture.Intended, torture.Sections);
        Assert.Equal(8 * torture.Sections, torture.Domain.SumCounter(1));
        Assert.Equal(0, torture.Domain.ReadersInFlight);
        Assert.False(torture.Domain.Readers.IsAwaited);
    }

    private static TimeSpan Duration()
        => int.TryParse(Environment.GetEnvironmentVariable("LIBMULTIPATH_TORTURE_SECONDS"), out int seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromSeconds(10);
}

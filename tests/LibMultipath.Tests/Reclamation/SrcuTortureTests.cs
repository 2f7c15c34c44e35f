using Xunit.Abstractions;

namespace LibMultipath.Tests.Reclamation;

/// <summary>
/// Ten seconds by default; <c>LIBMULTIPATH_TORTURE_SECONDS</c> says how long, and
/// <c>LIBMULTIPATH_TORTURE_SEED</c> where to begin.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class SrcuTortureTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(int.MaxValue, 0.7)]
    [InlineData(2, 0.3)]
    public async Task Nobody_sees_an_object_after_its_grace_period(int threadsWithASlot, double share)
    {
        int seed = Setting("LIBMULTIPATH_TORTURE_SEED", Random.Shared.Next());
        TimeSpan duration = TimeSpan.FromSeconds(Setting("LIBMULTIPATH_TORTURE_SECONDS", 10)) * share;
        output.WriteLine($"seed {seed}, {duration.TotalSeconds} s");
        using SrcuTorture torture = new(seed, threadsWithASlot);
        await torture.RunAsync(duration);
        output.WriteLine($"{torture.Sections} sections, {torture.Reclaimed} objects reclaimed");
        Assert.NotEqual(0, torture.Sections);
        Assert.NotEqual(0, torture.Reclaimed);
        Assert.Equal(torture.Intended, torture.Sections);
        Assert.Equal(8 * torture.Sections, torture.Domain.SumCounter(1));
        Assert.Equal(0, torture.Domain.ReadersInFlight);
    }

    private static int Setting(string name, int otherwise)
        => int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : otherwise;
}

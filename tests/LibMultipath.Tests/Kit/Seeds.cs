using System.Globalization;
using FsCheck;
using Xunit.Abstractions;

namespace LibMultipath.Tests.Kit;

/// <summary>
/// Where a test's randomness comes from: a new seed for each run, told in the test's output, or the one in the
/// environment variable LIBMULTIPATH_SEED, to see a failure again.
/// </summary>
internal static class Seeds
{
    public const string Variable = "LIBMULTIPATH_SEED";

    public static int Next(ITestOutputHelper output) => Next(output, Environment.GetEnvironmentVariable(Variable));

    public static Random Random(ITestOutputHelper output) => new(Next(output));

    /// <summary>How to check a property so many times, from such a seed; throws when it does not hold.</summary>
    public static Config Config(ITestOutputHelper output, int times = 100) =>
        FsCheck.Config.QuickThrowOnFailure.WithMaxTest(times).WithReplay((ulong)Next(output), 1);

    internal static int Next(ITestOutputHelper output, string? given)
    {
        int seed;
        if (string.IsNullOrWhiteSpace(given))
        {
            seed = System.Random.Shared.Next();
        }
        else if (!int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out seed))
        {
            // A run from a seed that nobody asked for would look like an answer.
            throw new InvalidOperationException($"{Variable} is '{given}'; it must be a number from 0 to {int.MaxValue}.");
        }

        output.WriteLine($"Seed {seed}: {Variable}={seed} repeats this run.");
        return seed;
    }
}

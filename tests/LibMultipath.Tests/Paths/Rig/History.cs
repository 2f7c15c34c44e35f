using FsCheck;
using FsCheck.Fluent;

namespace LibMultipath.Tests.Paths;

/// <summary>One thing that happens in a generated history; what the numbers mean is up to who plays it.</summary>
internal readonly record struct Step(int Kind, int A, int B)
{
    public override string ToString() => $"{Kind}:{A}:{B}";
}

/// <summary>A generated history, that shrinks by leaving steps out.</summary>
internal sealed record History(int Setup, IReadOnlyList<Step> Steps)
{
    public static Arbitrary<History> Any(int kinds, int longest) => Arb.From(
        from setup in Gen.Choose(0, int.MaxValue - 1)
        from length in Gen.Choose(1, longest)
        from steps in OneStep(kinds).ArrayOf(length)
        select new History(setup, steps),
        Shrink);

    public override string ToString() => $"setup {Setup}, steps {string.Join(' ', Steps)}";

    private static Gen<Step> OneStep(int kinds) =>
        from kind in Gen.Choose(0, kinds - 1)
        from a in Gen.Choose(0, 999)
        from b in Gen.Choose(0, 999)
        select new Step(kind, a, b);

    private static IEnumerable<History> Shrink(History history)
    {
        for (int chunk = history.Steps.Count / 2; chunk > 0; chunk /= 2)
        {
            for (int start = 0; start + chunk <= history.Steps.Count; start += chunk)
            {
                yield return history with { Steps = [.. history.Steps.Take(start), .. history.Steps.Skip(start + chunk)] };
            }
        }
    }
}

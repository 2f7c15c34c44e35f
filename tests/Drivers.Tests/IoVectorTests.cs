using FsCheck;
using FsCheck.Fluent;
using LibMultipath.Tests.Kit;
using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed unsafe class IoVectorTests(ITestOutputHelper output)
{
    /// <summary>What a short transfer leaves to do, which no file system lets a test ask for.</summary>
    [Fact]
    public void What_is_left_after_any_skip_is_the_rest_of_the_bytes_in_order()
    {
        var lengths = Gen.Choose(1, 9).ListOf().ToArbitrary();
        var skips = Gen.Choose(0, 20).ListOf().ToArbitrary();
        Prop.ForAll(lengths, skips, (lengths, skips) =>
        {
            // Runs with a gap between them, so that none can be taken for the end of another.
            List<nint> bytes = [];
            IoVector[] vectors = new IoVector[lengths.Count];
            for (int i = 0; i < vectors.Length; i++)
            {
                nint start = (i + 1) * 100;
                vectors[i] = new IoVector { Start = (byte*)start, Length = lengths[i] };
                bytes.AddRange(Enumerable.Range(0, lengths[i]).Select(offset => start + offset));
            }

            fixed (IoVector* all = vectors)
            {
                IoVector* first = all;
                IoVector* end = all + vectors.Length;
                foreach (int skip in skips.Select(skip => Math.Min(skip, bytes.Count)))
                {
                    bytes.RemoveRange(0, skip);
                    first = IoVector.Skip(first, end, skip);
                }

                Assert.Equal(bytes, Rest(first, end));
            }
        }).Check(Seeds.Config(output));
    }

    private static List<nint> Rest(IoVector* first, IoVector* end)
    {
        List<nint> rest = [];
        for (; first < end; first++)
        {
            nint start = (nint)first->Start;
            rest.AddRange(Enumerable.Range(0, (int)first->Length).Select(offset => start + offset));
        }

        return rest;
    }
}

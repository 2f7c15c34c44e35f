using System.IO.Pipelines;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Mpathd.Control;
using Xunit.Abstractions;

namespace Mpathd.Tests.Control;

public sealed class LineReaderTests(ITestOutputHelper output)
{
    [Fact]
    public void Lines_are_the_same_in_whatever_pieces_they_come() => Prop.ForAll(
        ArbMap.Default.ArbFor<NonEmptyArray<byte>>(), ArbMap.Default.ArbFor<PositiveInt>(),
        (given, piece) =>
        {
            // Every other byte is a newline.
            byte[] bytes = [.. given.Item.Select(each => each % 2 == 0 ? (byte)'\n' : each)];
            return ReadInPieces(bytes, piece.Item).Result.SequenceEqual(Naive(bytes));
        }).Check(Seeds.Config(output));

    [Fact]
    public async Task A_line_of_the_greatest_length_is_read_and_a_longer_one_is_not()
    {
        Assert.Equal(new string('x', 100), Encoding.ASCII.GetString((await Reader(new string('x', 100) + "\n", 100).ReadAsync(default))!));
        MpathdException refused = await Assert.ThrowsAsync<MpathdException>(() => Reader(new string('x', 101) + "\n", 100).ReadAsync(default).AsTask());
        Assert.Equal("the line is longer than 100 bytes", refused.Message);
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_refused_before_it_ends()
    {
        // Nobody ends the pipe, so a reader that waited for the end of the line would wait for ever.
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[101]);
        Task<byte[]?> line = new LineReader(pipe.Reader.AsStream(), 100).ReadAsync(default).AsTask();
        await Assert.ThrowsAsync<MpathdException>(() => line.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task A_line_without_an_end_is_no_line()
    {
        LineReader reader = Reader("one\ntwo", 100);
        Assert.Equal("one"u8.ToArray(), await reader.ReadAsync(default));
        MpathdException refused = await Assert.ThrowsAsync<MpathdException>(() => reader.ReadAsync(default).AsTask());
        Assert.Equal("the line has no end", refused.Message);
    }

    private static LineReader Reader(string text, int most) => new(new MemoryStream(Encoding.ASCII.GetBytes(text)), most);

    private static List<string> Naive(byte[] bytes)
    {
        string[] parts = Encoding.Latin1.GetString(bytes).Split('\n');
        return [.. parts[..^1], parts[^1].Length == 0 ? "the end" : "no end"];
    }

    private static async Task<List<string>> ReadInPieces(byte[] bytes, int piece)
    {
        var pipe = new Pipe();
        var reader = new LineReader(pipe.Reader.AsStream(), int.MaxValue);
        Task write = Task.Run(async () =>
        {
            foreach (byte[] part in bytes.Chunk(piece))
            {
                await pipe.Writer.WriteAsync(part);
            }

            await pipe.Writer.CompleteAsync();
        });
        List<string> lines = [];
        try
        {
            while (await reader.ReadAsync(default) is { } line)
            {
                lines.Add(Encoding.Latin1.GetString(line));
            }

            lines.Add("the end");
        }
        catch (MpathdException)
        {
            lines.Add("no end");
        }

        await write;
        return lines;
    }
}

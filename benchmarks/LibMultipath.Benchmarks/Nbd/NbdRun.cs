using System.Globalization;
using System.Text.Json;
using LibMultipath.Benchmarks.Quick;
using LibMultipath.Block;

namespace LibMultipath.Benchmarks.Nbd;

/// <summary>The verb <c>nbd</c>: I/O over the network through a head, beside fio's own NBD client, to one nbdkit over memory.</summary>
internal static class NbdRun
{
    private const int Depth = 32;
    private const int Rounds = 5;

    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(2);
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Measures, in rounds in which everything has its turn.</summary>
    /// <param name="json">Lines for programs instead of a table for people.</param>
    public static void Run(bool json)
    {
        using var server = new NbdkitProcess("1G");
        if (!json)
        {
            Console.WriteLine($"4 KiB, {Depth} in flight, one nbdkit over memory, a Unix socket; {Rounds} rounds in turns");
            Console.WriteLine($"{"pattern",-12}{"paths",6}{"IOPS",10}{"bytes/IO",10}{"fio IOPS",10}{"x fio",8}   quartiles");
        }

        foreach ((string pattern, BioOp op) in new[] { ("randread", BioOp.Read), ("randwrite", BioOp.Write) })
        {
            int[] heads = [1, 2];
            (Series Iops, Series Bytes, Series Ratio)[] ours = [.. heads.Select(_ => (new Series(), new Series(), new Series()))];
            var fio = new Series();
            for (int round = 0; round < Rounds; round++)
            {
                double peer = FioLoad.Run(server.Socket, pattern, Depth, s_warmUp, s_time);
                fio.Add(peer);
                for (int i = 0; i < heads.Length; i++)
                {
                    using var load = new HeadLoad(server.Socket, heads[i], op, Depth);
                    Thread.Sleep(s_warmUp);
                    (double iops, double bytes) = load.Measure(s_time);
                    ours[i].Iops.Add(iops);
                    ours[i].Bytes.Add(bytes);
                    ours[i].Ratio.Add(iops / peer);
                }
            }

            for (int i = 0; i < heads.Length; i++)
            {
                Write(json, pattern, heads[i], ours[i], fio.Median);
            }
        }
    }

    private static void Write(bool json, string pattern, int paths, (Series Iops, Series Bytes, Series Ratio) ours, double fio) =>
        Console.WriteLine(json
            ? JsonSerializer.Serialize(
                new
                {
                    pattern,
                    paths,
                    iops = Math.Round(ours.Iops.Median),
                    bytes = Math.Round(ours.Bytes.Median, 3),
                    peer = "fio",
                    peer_iops = Math.Round(fio),
                    ratio = Math.Round(ours.Ratio.Median, 3),
                    lower_quartile = Math.Round(ours.Ratio.LowerQuartile, 3),
                    upper_quartile = Math.Round(ours.Ratio.UpperQuartile, 3),
                },
                s_json)
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{pattern,-12}{paths,6}{ours.Iops.Median,10:F0}{ours.Bytes.Median,10:F3}{fio,10:F0}{ours.Ratio.Median,8:F2}   [{ours.Ratio.LowerQuartile:F2}, {ours.Ratio.UpperQuartile:F2}]"));
}

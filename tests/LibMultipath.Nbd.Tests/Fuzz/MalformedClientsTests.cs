using System.Diagnostics;
using System.Net.Sockets;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Fuzz;

/// <summary>Clients that talk nonsense to the export, beside one that does not.</summary>
public sealed class MalformedClientsTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int s_conversations = FuzzSize.Conversations;
    private const int AtOnce = 4;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ten_thousand_malformed_conversations_leave_nothing_behind_and_disturb_nobody()
    {
        int seed = Seeds.Next(output);
        using var other = new ExportRig(_folder, socket: "other.sock");
        using var rig = new ExportRig(_folder, 1 << 20, options => options with { MaxConnections = 256 });
        rig.Server.Add(new NbdExport("good", other.Disk));
        long start = Stopwatch.GetTimestamp();
        int sockets;
        int heard = 0;
        using (var good = new GoodClient(rig.EndPoint, "good", seed))
        {
            Converse(rig, new Random(seed), ref heard);
            rig.AwaitConnections(1);
            sockets = Descriptors.Sockets;

            Parallel.For(0, AtOnce, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, worker =>
            {
                for (int i = worker; i < s_conversations; i += AtOnce)
                {
                    // From its number, so that one can be had again whatever the others do.
                    Converse(rig, new Random(seed ^ (i * 7919)), ref heard);
                }
            });

            rig.AwaitConnections(1);
            good.AssertGood();
            output.WriteLine($"{s_conversations} conversations in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {heard} bytes heard, {good.Rounds} rounds of the good client.");
            Eventually.True(() => Descriptors.Sockets <= sockets, $"no more than {sockets} sockets (there are {Descriptors.Sockets})");
        }

        rig.AwaitConnections(0);
        Assert.Equal(0, rig.Server.Budget.Used);
        Assert.True(heard > s_conversations);
    }

    private static void Converse(ExportRig rig, Random random, ref int heard)
    {
        byte[] said = Mutation.Of(ClientTalk.Of(random), random);
        using var client = new RawClient(rig.EndPoint);
        try
        {
            int cut = random.Next(3) == 0 ? random.Next(said.Length + 1) : said.Length;
            client.SendBytes(said.AsSpan(0, cut));
            client.SendBytes(said.AsSpan(cut));
            switch (random.Next(5))
            {
                case 0:
                    // Gone, whatever there is to hear.
                    return;
                case 1:
                    Interlocked.Add(ref heard, client.Read(random.Next(1, 20)).Length);
                    return;
                default:
                    client.HalfClose();
                    Interlocked.Add(ref heard, Drain(client));
                    return;
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or SocketException { SocketErrorCode: not SocketError.TimedOut })
        {
            // The server has closed the connection: that is what it should do with most of them.
        }
    }

    private static int Drain(RawClient client)
    {
        byte[] buffer = new byte[1 << 16];
        int all = 0;
        int read;
        while ((read = client.Socket.Receive(buffer)) > 0)
        {
            all += read;
        }

        return all;
    }
}

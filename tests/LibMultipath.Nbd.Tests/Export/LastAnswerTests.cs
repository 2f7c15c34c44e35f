using System.Net;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Export;

/// <summary>Over TLS what was written may have left or not: a connection is closed only when its last answer has.</summary>
public sealed class LastAnswerTests : IDisposable
{
    private const int Size = 16 << 20;

    private readonly TempFolder _folder = new();
    private readonly TlsFolder _ours;
    private readonly ExportRig _rig;

    public LastAnswerTests()
    {
        _ours = new TlsFolder(_folder, "ours");
        _rig = new ExportRig(_folder, Size, options => options with { Tls = NbdTls.ForServer(_ours.Name) }, tcp: true);
        new Random(1).NextBytes(_rig.Memory);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _folder.Dispose();
    }

    // One that fits into the socket, and more than it takes at once.
    [Theory]
    [InlineData(1, 512)]
    [InlineData(16, 1 << 20)]
    public void Before_a_client_that_says_goodbye_is_let_go_it_has_its_answers(int count, int length)
    {
        for (int round = 0; round < (count == 1 ? 20 : 1); round++)
        {
            using RawClient client = Client();
            ulong[] cookies = Ask(client, count, length);

            client.SendRequest(NbdWire.CmdDisconnect);
            LetGo();

            AssertAnswered(client, cookies, length);
            _rig.AwaitConnections(0);
        }
    }

    [Theory]
    [InlineData(1, 512)]
    [InlineData(16, 1 << 20)]
    public async Task Before_a_server_that_stops_is_gone_its_clients_have_their_answers(int count, int length)
    {
        using RawClient client = Client();
        ulong[] cookies = Ask(client, count, length);

        Task<bool> stopping = _rig.Server.StopAsync(Eventually.Limit);
        LetGo();

        AssertAnswered(client, cookies, length);
        Assert.True(await stopping);
    }

    [ToolFact("nbdcopy", "nbdinfo")]
    public void Other_peoples_clients_have_all_when_they_have_said_goodbye()
    {
        string uri = $"nbds://localhost:{((IPEndPoint)_rig.EndPoint).Port}/{ExportRig.Name}?tls-certificates={_ours.Name}";
        for (int round = 0; round < 5; round++)
        {
            Assert.Equal($"{Size}", Tool.Run("nbdinfo", "--size", uri).Succeeded().Trim());
            Tool.Run("nbdcopy", "--connections=4", uri, _folder["out"]).Succeeded();

            Assert.Equal(_rig.Memory, File.ReadAllBytes(_folder["out"]));
            _rig.AwaitConnections(0);
        }
    }

    private RawClient Client() => RawClient.Of(_rig.EndPoint, ExportRig.Name, structured: false, _ours);

    /// <summary>Asks for reads, which the disk keeps.</summary>
    private ulong[] Ask(RawClient client, int count, int length)
    {
        Array.ForEach(_rig.Paths, path => path.Keep());
        ulong[] cookies = [.. Enumerable.Range(0, count).Select(i => client.SendRequest(NbdWire.CmdRead, (ulong)(i * length), (uint)length))];
        Eventually.True(() => _rig.Paths.Sum(path => path.Kept) == count, "the reads to be with the disk");
        return cookies;
    }

    private void LetGo() => Array.ForEach(_rig.Paths, path => path.LetGo());

    private void AssertAnswered(RawClient client, ulong[] cookies, int length)
    {
        var answered = new List<ulong>();
        foreach (ulong _ in cookies)
        {
            RawReply reply = client.ReadReply(length);
            answered.Add(reply.Cookie);
            Assert.Equal(0u, reply.Error);
            Assert.True(_rig.Memory.AsSpan(Array.IndexOf(cookies, reply.Cookie) * length, length).SequenceEqual(reply.Data));
        }

        Assert.Equal(cookies, answered.Order());
        Assert.Throws<EndOfStreamException>(() => client.Read(1));
    }
}

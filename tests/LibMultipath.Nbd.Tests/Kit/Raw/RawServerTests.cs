using System.Net.Sockets;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Kit.Raw;

/// <summary>A raw server that is honest is one that other people's clients understand, so what they refuse is what a script got wrong.</summary>
public sealed class RawServerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RawStore _store = new(1 << 20);

    public void Dispose() => _folder.Dispose();

    [ToolTheory("nbdcopy")]
    [InlineData(true)]
    [InlineData(false)]
    public void Nbdcopy_reads_it_and_writes_it_in_either_form(bool structured)
    {
        using RawServer server = RawServer.Honest(_folder, "a", new RawExport(1 << 20) { StructuredReplies = structured }, _store);
        string file = _folder.File("file", 1 << 20, new Random(1));

        Tool.Run("nbdcopy", file, Uri(server)).Succeeded();
        Tool.Run("nbdcopy", Uri(server), _folder["copy"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(file), _store.Data);
        Assert.Equal(_store.Data, File.ReadAllBytes(_folder["copy"]));
        server.AssertNoFaults();
    }

    [ToolFact("qemu-io")]
    public void Qemu_understands_it()
    {
        using RawServer server = RawServer.Honest(_folder, "a", new RawExport(1 << 20) { Name = "disk" }, _store);

        Tool.Run("qemu-io", "-f", "raw", "-c", "write -P 5 4k 8k", "-c", "read -P 5 4k 8k", "-c", "flush", $"nbd+unix:///disk?socket={server.Socket}").Succeeded();

        Assert.Equal(5, _store.Data[4096]);
        server.AssertNoFaults();
    }

    [ToolFact("nbdinfo")]
    public void What_it_refuses_stays_refused_until_it_listens_again()
    {
        using RawServer server = RawServer.Honest(_folder, "a", new RawExport(1 << 20), _store);
        Tool.Run("nbdinfo", "--size", Uri(server)).Succeeded();

        server.Refuse();
        SocketException refused = Assert.Throws<SocketException>(() => new RawClient(new UnixDomainSocketEndPoint(server.Socket)));
        server.Listen();

        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        Tool.Run("nbdinfo", "--size", Uri(server)).Succeeded();
    }

    [Fact]
    public void Two_of_the_kit_understand_each_other()
    {
        using RawServer server = RawServer.Honest(_folder, "a", new RawExport(1 << 20), _store);
        using RawClient client = RawClient.Of(new UnixDomainSocketEndPoint(server.Socket));

        client.WriteAt(512, [.. Enumerable.Repeat((byte)9, 512)]);

        Assert.Equal(9, client.ReadAt(0, 1024)[1023]);
        server.CloseAll();
        Assert.True(client.IsAtEnd);
    }

    private static string Uri(RawServer server) => $"nbd+unix:///?socket={server.Socket}";
}

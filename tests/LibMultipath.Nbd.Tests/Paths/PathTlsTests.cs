using LibMultipath.Block;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>Paths over TLS, against nbdkit's GnuTLS.</summary>
public sealed class PathTlsTests : PathTests
{
    private readonly ITestOutputHelper _output;
    private readonly TlsFolder _ours;

    public PathTlsTests(ITestOutputHelper output)
    {
        _output = output;
        _ours = new TlsFolder(Folder, "ours");
    }

    [ToolTheory("nbdkit")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_verified_load_over_tls_finds_what_it_has_written(bool verifyPeer)
    {
        using NbdkitServer server = Server(verifyPeer);
        Rig.Add(Secure(server), options => options with { Tls = NbdTls.ForClient(_ours.Name) });
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(_output));

        load.AwaitProgress(2000);

        await load.AssertGoodAsync();
    }

    [ToolFact("nbdkit")]
    public void An_io_over_tls_of_many_megabytes_comes_whole()
    {
        using NbdkitServer server = Server();
        Rig.Add(Secure(server), options => options with { Tls = NbdTls.ForClient(_ours.Name) });
        byte[] data = Data.Random(12 << 20, 1);

        Assert.Equal(BlockStatus.Ok, Rig.Write(3, data));

        Assert.Equal(data, Rig.Read(3, data.Length));
    }

    [ToolFact("nbdkit")]
    public void A_path_over_tls_comes_back_after_its_server_was_killed()
    {
        using NbdkitServer server = Server();
        Rig.Add(Secure(server), options => options with { Tls = NbdTls.ForClient(_ours.Name), AbortTime = TimeSpan.FromSeconds(5) }, Times.Quick);
        server.Restart();

        Assert.Equal(BlockStatus.Ok, Rig.Write(0, Data.Filled(512, 1)));
        Assert.Equal(1, Rig.Read(0, 512)[0]);
    }

    [ToolFact("nbdkit")]
    public void A_server_that_wants_tls_is_not_used_without()
    {
        using NbdkitServer server = Server();

        BlockException exception = Assert.Throws<BlockException>(() => Rig.Add(Addresses.Of(server)));

        Assert.Contains("TLS", exception.Message, StringComparison.Ordinal);
    }

    [ToolFact("nbdkit")]
    public void A_server_without_tls_is_not_used_where_it_is_wanted()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions { Tcp = true });

        BlockException exception = Assert.Throws<BlockException>(() => Rig.Add(Secure(server), options => options with { Tls = NbdTls.ForClient(_ours.Name) }));

        Assert.Contains("TLS", exception.Message, StringComparison.Ordinal);
    }

    [ToolFact("nbdkit")]
    public void A_server_of_another_authority_is_not_trusted()
    {
        using NbdkitServer server = Server();
        var theirs = new TlsFolder(Folder, "theirs");

        Assert.Throws<BlockException>(() => Rig.Add(Secure(server), options => options with { Tls = NbdTls.ForClient(theirs.Name) }));
    }

    [ToolFact("nbdkit")]
    public void A_server_of_another_name_is_not_trusted()
    {
        var elsewhere = new TlsFolder(Folder, "elsewhere", serverName: "elsewhere.example");
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions { Tcp = true, Tls = elsewhere.Name });

        Assert.Throws<BlockException>(() => Rig.Add(Secure(server), options => options with { Tls = NbdTls.ForClient(elsewhere.Name) }));
    }

    [ToolFact("nbdkit")]
    public void A_client_without_a_certificate_is_told_when_the_server_wants_one()
    {
        using NbdkitServer server = Server(verifyPeer: true);
        var without = new TlsFolder(Folder, "without", client: false);
        File.Copy(_ours["ca-cert.pem"], without["ca-cert.pem"], overwrite: true);

        Assert.Throws<BlockException>(() => Rig.Add(Secure(server), options => options with { Tls = NbdTls.ForClient(without.Name) }));
    }

    [Fact]
    public void Certificates_that_are_not_there_are_named()
    {
        Directory.CreateDirectory(Folder["empty"]);

        Exception client = Assert.ThrowsAny<Exception>(() => NbdTls.ForClient(Folder["empty"]));
        Exception server = Assert.ThrowsAny<Exception>(() => NbdTls.ForServer(Folder["empty"]));

        Assert.Contains("ca-cert.pem", client.Message, StringComparison.Ordinal);
        Assert.Contains(".pem", server.Message, StringComparison.Ordinal);
        Assert.All([client, server], exception => Assert.True(exception is ArgumentException or BlockException));
    }

    [Fact]
    public void What_a_server_says_before_tls_and_means_to_count_after_it_ends_the_connection()
    {
        // As somebody on the way would put it in (CVE-2011-0411, in other protocols).
        using var server = new RawServer(peer =>
        {
            peer.Greet();
            RawOption option = peer.ReadOption();
            Assert.Equal(NbdWire.OptStartTls, option.Option);
            byte[] ack = RawPeer.Bytes(NbdWire.OptionReplyMagic, NbdWire.OptStartTls, NbdWire.RepAck, 0u);
            peer.Send(ack, ack);
            peer.AwaitEnd();
        });

        Assert.Throws<BlockException>(() => Rig.Add(
            NbdAddress.Parse($"nbds://localhost:{server.Port}/"),
            options => options with { Tls = NbdTls.ForClient(_ours.Name) }));

        server.AssertNoFaults();
    }

    private static NbdAddress Secure(NbdkitServer server) => NbdAddress.Parse($"nbds://localhost:{server.Port}/");

    private NbdkitServer Server(bool verifyPeer = false) =>
        NbdkitServer.Memory(Folder, "a", "16M", new NbdkitOptions { Tcp = true, Tls = _ours.Name, VerifyPeer = verifyPeer });
}

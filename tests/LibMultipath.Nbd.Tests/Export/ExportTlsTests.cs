using System.Net;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Export;

/// <summary>The export over TLS.</summary>
public sealed class ExportTlsTests : IDisposable
{
    private const int Size = 4 << 20;

    private readonly ITestOutputHelper _output;
    private readonly TempFolder _folder = new();
    private readonly TlsFolder _ours;
    private readonly ExportRig _rig;

    public ExportTlsTests(ITestOutputHelper output)
    {
        _output = output;
        _ours = new TlsFolder(_folder, "ours");
        _rig = new ExportRig(_folder, Size, options => options with { Tls = NbdTls.ForServer(_ours.Name) }, tcp: true);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _folder.Dispose();
    }

    [ToolFact("nbdcopy")]
    public void Nbdcopy_copies_in_and_out()
    {
        string file = _folder.File("in", Size, Seeds.Random(_output));

        Tool.Run("nbdcopy", file, Uri(_ours)).Succeeded();
        Tool.Run("nbdcopy", Uri(_ours), _folder["out"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(file), _rig.Memory);
        Assert.Equal(_rig.Memory, File.ReadAllBytes(_folder["out"]));
    }

    [ToolFact("nbdinfo")]
    public void Who_does_not_use_tls_hears_nothing_of_the_exports()
    {
        string said = Tool.Run("nbdinfo", "--list", _rig.Uri).Failed();

        Assert.DoesNotContain("a disk of the tests", said, StringComparison.Ordinal);
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();
        Assert.Equal(NbdWire.RepErrTlsReqd, client.Ask(NbdWire.OptList).Type);
        Assert.Equal(NbdWire.RepErrTlsReqd, client.TryGo(ExportRig.Name));
    }

    [ToolFact("nbdinfo")]
    public void A_client_of_another_authority_does_not_trust_it()
    {
        Tool.Run("nbdinfo", Uri(new TlsFolder(_folder, "theirs"))).Failed();

        Assert.Equal($"{Size}", Tool.Run("nbdinfo", "--size", Uri(_ours)).Succeeded().Trim());
    }

    [Fact]
    public async Task A_path_and_an_export_understand_each_other()
    {
        using var rig = new NbdRig();
        rig.Add(NbdAddress.Parse($"nbds://localhost:{((IPEndPoint)_rig.EndPoint).Port}/{ExportRig.Name}"), options => options with { Tls = NbdTls.ForClient(_ours.Name) });
        using var load = new VerifiedLoad(rig.Disk, Seeds.Next(_output));

        load.AwaitProgress(2000);

        await load.AssertGoodAsync();
    }

    [Fact]
    public void What_a_client_says_before_tls_and_means_to_count_after_it_ends_the_connection()
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();
        byte[] option = RawPeer.Bytes(NbdWire.OptionMagic, NbdWire.OptStartTls, 0u);

        client.Send(option, option);

        client.AwaitEnd();
        _rig.AwaitConnections(0);
    }

    [Fact]
    public void A_client_that_falls_silent_in_tls_is_closed()
    {
        var time = new FakeTimeProvider();
        using var rig = new ExportRig(_folder, Size, options => options with { Tls = NbdTls.ForServer(_ours.Name), TimeProvider = time }, tcp: true);
        using var client = new RawClient(rig.EndPoint);
        client.Greet();
        Assert.Equal(NbdWire.RepAck, client.Ask(NbdWire.OptStartTls).Type);

        client.SendBytes([0x16, 3, 1]);

        rig.AwaitConnections(0, time);
        client.AwaitEnd();
    }

    private string Uri(TlsFolder tls) => $"nbds://localhost:{((IPEndPoint)_rig.EndPoint).Port}/{ExportRig.Name}?tls-certificates={tls.Name}";
}

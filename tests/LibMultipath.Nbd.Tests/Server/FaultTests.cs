using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using LibMultipath.Paths;

namespace LibMultipath.Nbd.Tests.Server;

/// <summary>What drivers, loggers and clocks throw is not the clients' fault, and holds nothing.</summary>
public sealed class FaultTests : IDisposable
{
    private const int Size = 1 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_driver_that_throws_when_it_is_asked_to_give_up_does_not_keep_the_connection(int parts)
    {
        using var rig = new ExportRig(_folder, Size);
        var faulty = new FaultyPath(Size);
        var device = new MpathDevice(new MpathController(2), faulty);
        rig.Head.Add(device);
        device.SetLive();
        Array.ForEach(rig.Devices, path => path.SetDown());
        using RawClient client = rig.Client();
        client.SendRequest(NbdWire.CmdRead, 0, (uint)(parts * FaultyPath.Most));
        client.SendRequest(NbdWire.CmdRead, 0, (uint)(parts * FaultyPath.Most));
        Eventually.True(() => faulty.Kept == 2 * parts, "the reads");

        client.Dispose();
        Eventually.True(() => faulty.Asked == 2 * parts, "all to be asked back");
        faulty.LetGo();

        rig.AwaitConnections(0);
        Assert.Equal(0, rig.Server.Budget.Used);
    }

    [Fact]
    public void A_clock_that_throws_once_does_not_end_the_watching()
    {
        var time = new FaultyTime();
        using var rig = new ExportRig(_folder, Size, options => options with { TimeProvider = time, HandshakeLimit = TimeSpan.FromSeconds(8) });
        using var silent = new RawClient(rig.EndPoint);
        rig.AwaitConnections(1);

        time.IsFaulty = true;
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEqual(0, time.Faults);
        time.IsFaulty = false;
        time.Advance(TimeSpan.FromSeconds(8));

        rig.AwaitConnections(0);
    }

    [Fact]
    public void A_logger_that_throws_does_not_end_the_connection()
    {
        const int Using = 901, RequestRefused = 904, OptionRefused = 905;
        using var rig = new ExportRig(_folder, Size, options => options with { Logger = new ThrowingLogger(Using, RequestRefused, OptionRefused) });
        using var client = new RawClient(rig.EndPoint);
        client.Greet();

        Assert.NotEqual(NbdWire.RepAck, client.TryGo("another"));
        client.Go(ExportRig.Name);
        client.SendRequest(NbdWire.CmdRead, Size, 512);

        Assert.NotEqual(0u, client.ReadReply().Error);
        client.SendRequest(NbdWire.CmdRead, 0, 512);
        Assert.Equal(0u, client.ReadReply(512).Error);
    }

    [Fact]
    public void A_logger_that_throws_does_not_keep_the_connection()
    {
        const int Gone = 902, Ended = 903;
        using var rig = new ExportRig(_folder, Size, options => options with { Logger = new ThrowingLogger(Gone, Ended) });
        using (RawClient client = rig.Client())
        {
            Assert.Equal(512, client.ReadAt(0, 512).Length);
        }

        rig.AwaitConnections(0);
    }
}

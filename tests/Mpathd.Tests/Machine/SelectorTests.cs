using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Control;
using Mpathd.Feeding;
using Mpathd.Serving;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Machine;

/// <summary>Selectors of a user's own, for a block device that has users.</summary>
[Collection(ProcessCollection.Name)]
public sealed class SelectorTests : IDisposable
{
    private const int Mega = 1 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UblkFact(Seconds = 400)]
    public async Task A_selector_of_a_users_own_comes_is_fed_and_goes_under_verified_io()
    {
        string path = $"--path=loop:{_folder.File("disk.img", 64 * Mega)}";
        using ServedDevice device = await ServedDevice.Serve(_folder, path, path, $"--selector-assembly={Plugins.Sample}", "--policy=least-waiting");
        await device.Client.AskAsync(Selector(ControlVerbs.SelectorLoad, new() { File = Plugins.Selectors }));
        Task<string> verify = Task.Run(() => Shell.Verify(device.Path, "8"));
        int round = 0;
        for (; !verify.IsCompleted; round++)
        {
            await device.Client.AskAsync(Selector(ControlVerbs.SelectorAttach, new() { Name = $"configured:path={round % 2}" }));
            await device.Client.AskAsync(Selector(ControlVerbs.SelectorAttach, new() { Name = "throwing", Replace = true }));
            await device.Client.AskAsync(Selector(ControlVerbs.SelectorAttach, new() { Name = "latency", Replace = true }));
            await device.Client.AskAsync(Selector(ControlVerbs.SelectorDetach, new()));
        }

        await verify;
        using var said = new StringWriter();
        var feed = new Feed(device.Client, new StringReader("latency 0 900ms\nweight 1 3\nstate 1 optimized\n"), said);
        Assert.Equal(ExitCode.Done, await feed.RunAsync(new ControlRequest { Verb = ControlVerbs.Feed }, CancellationToken.None));
        Assert.Equal("mpathd: 3 applied, 0 refused\n", said.ToString());
        long before = (await device.StatusAsync()).Paths[0].Reads;
        Shell.Run($"dd if={device.Path} of=/dev/null bs=64k count=64 iflag=direct");
        ServiceStatus status = await device.StatusAsync();
        Assert.True(status.Paths[0].Reads - before < 16, $"{status.Paths[0].Reads - before} of 64 reads went to the path that is known to be slow.");
        Assert.Equal((0, "live", "least-waiting"), (status.Errors, status.State, status.Policy));
        string unloaded = (await device.Client.AskAsync(Selector(ControlVerbs.SelectorUnload, new() { File = Plugins.Selectors }))).Message!;
        Assert.StartsWith($"unloaded: {Plugins.Selectors}", unloaded);
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
        Assert.True(round > 0);
    }

    private static ControlRequest Selector(string verb, SelectorRequest selector) => new() { Verb = verb, Selector = selector };
}

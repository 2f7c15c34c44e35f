using System.Net.Sockets;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Torture;

/// <summary>The whole way: other people's clients on the export of a disk over two paths to other people's servers.</summary>
public sealed class RelayTests(ITestOutputHelper output) : IDisposable
{
    private const int Size = 32 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolFact("nbdkit", "nbdcopy")]
    public async Task Nbdcopy_does_not_see_servers_behind_the_disk_die()
    {
        Random random = Seeds.Random(output);
        string source = _folder.File("source", Size, random);
        string image = _folder.File("image", Size);
        NbdkitServer[] servers = [NbdkitServer.File(_folder, "a", image), NbdkitServer.File(_folder, "b", image)];
        using var rig = new NbdRig();
        Array.ForEach(servers, server => rig.Add(Addresses.Of(server), times: Times.Quick));
        using NbdServer export = NbdServer.Start(new NbdServerOptions { EndPoint = new UnixDomainSocketEndPoint(_folder["export.sock"]) });
        export.Add(new NbdExport("disk", rig.Disk));
        string uri = $"nbd+unix:///disk?socket={_folder["export.sock"]}";

        int kills = await CopyWhileKilling(rig, servers, random, source, uri);
        kills += await CopyWhileKilling(rig, servers, random, uri, _folder["out"]);

        output.WriteLine($"{kills} kills.");
        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(image));
        Assert.Equal(File.ReadAllBytes(source), File.ReadAllBytes(_folder["out"]));
        Array.ForEach(servers, server => server.Dispose());
    }

    private static async Task<int> CopyWhileKilling(NbdRig rig, NbdkitServer[] servers, Random random, string from, string to)
    {
        int kills = 0;
        for (int round = 0; round < 3; round++)
        {
            Task<ToolResult> copy = Tool.RunAsync("nbdcopy", "--flush", "--connections=4", from, to);
            do
            {
                int which = random.Next(2);
                servers[which].Restart();
                rig.AwaitUsable(which);
                kills++;
            }
            while (!copy.IsCompleted);

            (await copy).Succeeded();
        }

        return kills;
    }
}

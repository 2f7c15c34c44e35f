using LibMultipath.Ublk.Tests.Scenarios.Kit;
using Mpathd.Control;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Machine;

/// <summary>A machine with two NUMA nodes, a processor on each (the guest that the tests boot).</summary>
[Collection(ProcessCollection.Name)]
public sealed class NumaTests : IDisposable
{
    private const int Reads = 200;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [UblkFact(Seconds = 200)]
    public async Task Threads_on_a_node_use_the_path_of_their_node()
    {
        Assert.Equal(["0", "1"], Enumerable.Range(0, 2).Select(node => File.ReadAllText($"/sys/devices/system/node/node{node}/cpulist").Trim()));
        using ServedDevice device = await ServedDevice.Serve(
            _folder, "--path=null:size=64M,node=1", "--path=null:size=64M,node=0", "--policy=numa", "--queues=2");
        for (int cpu = 0; cpu < 2; cpu++)
        {
            int near = 1 - cpu;
            long[] before = await IosAsync(device);
            Shell.Run($"taskset -c {cpu} dd if={device.Path} of=/dev/null bs=4k count={Reads} iflag=direct");
            long[] after = await IosAsync(device);
            Assert.True(after[near] - before[near] >= Reads, $"Path {near} had {after[near] - before[near]} of {Reads} reads of processor {cpu}.");
            Assert.Equal(before[1 - near], after[1 - near]);
            Assert.Equal($"{cpu}", await GetAsync(device, $"path/{near}/numa_nodes"));
        }

        // Without its own path a node takes the other one's, and shows it.
        await device.DoAsync(ControlVerbs.PathFail, "1");
        Shell.Run($"taskset -c 0 dd if={device.Path} of=/dev/null bs=4k count=8 iflag=direct");
        Assert.Equal("0-1", await GetAsync(device, "path/0/numa_nodes"));
        await device.DoAsync(ControlVerbs.PathRestore, "1");
        Assert.Equal("0", await GetAsync(device, "path/1/numa_nodes"));
        await device.DoAsync(ControlVerbs.Stop);
        Assert.Equal(0, (await device.EndAsync()).Code);
    }

    private static async Task<long[]> IosAsync(ServedDevice device)
    {
        // Whoever made the device may still look at it: two looks that agree.
        long[] last = [];
        await Eventually.TrueAsync(
            () =>
            {
                long[] now = [.. device.StatusAsync().Result.Paths.Select(path => path.Ios)];
                bool settled = now.AsSpan().SequenceEqual(last);
                last = now;
                return settled;
            },
            "the device to be left alone");
        return last;
    }

    private static async Task<string?> GetAsync(ServedDevice device, string name) =>
        (await device.Client.AskAsync(new ControlRequest { Verb = ControlVerbs.Get, Name = name })).Attribute!.Value;
}

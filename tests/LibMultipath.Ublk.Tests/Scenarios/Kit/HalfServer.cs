using System.Globalization;
using LibMultipath.IoUring.Loops;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Queues;
using LibMultipath.Ublk.Tests.Kit;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>
/// A process that is stuck in the middle of fetching, to be killed there: it has as many devices as there are points to
/// be stuck at. Of the first it has fetched nothing, of the next one tag, of the last all tags but one; and for each it
/// waits for the kernel to say that the device is started, or recovered.
/// </summary>
internal sealed class HalfServer : IDisposable
{
    /// <summary>How many points there are: every number of tags of two queues but all of them.</summary>
    public const int Points = Queues * Depth;

    private const int Queues = 2;
    private const int Depth = 10;

    private readonly SampleProcess _process;

    private HalfServer(SampleProcess process) => _process = process;

    /// <summary>The devices, by how many tags of them were fetched.</summary>
    public IReadOnlyList<int> Ids { get; private set; } = [];

    /// <summary>What its devices are.</summary>
    public static UblkDeviceOptions Options(UblkFeatures features) => Small.Options(features) with { Queues = Queues, QueueDepth = Depth };

    /// <summary>Starts devices of its own, and does not come to the end of it.</summary>
    public static HalfServer StartNew(UblkFeatures features) => Start(((ulong)features).ToString(CultureInfo.InvariantCulture));

    /// <summary>Takes devices over that have lost their server, and does not come to the end of it.</summary>
    public static HalfServer StartRecovery(IEnumerable<int> ids) => Start(["0", .. ids.Select(id => id.ToString(CultureInfo.InvariantCulture))]);

    /// <summary>The program.</summary>
    /// <param name="arguments">The features of new devices, and the ids of those that are to be recovered instead.</param>
    public static void Serve(string[] arguments)
    {
        var features = (UblkFeatures)ulong.Parse(arguments[0], CultureInfo.InvariantCulture);
        using UblkControl control = UblkControl.Open();
        UblkDevice[] devices = arguments.Length > 1
            ? [.. arguments.Skip(1).Select(id => UblkDevice.Recover(control, int.Parse(id, CultureInfo.InvariantCulture)))]
            : [.. Enumerable.Range(0, Points).Select(_ => UblkDevice.Create(control, Options(features)))];
        using var loop = new RingLoop(UblkQueue.RingFor(Points * Points));
        loop.Attach();
        for (int point = 0; point < devices.Length; point++)
        {
            Fetch(devices[point], 0, Math.Min(point, Depth), loop);
            Fetch(devices[point], 1, point - Depth, loop);
        }

        loop.Poll(TimeSpan.Zero);
        foreach (UblkDevice device in devices)
        {
            new Thread(() => device.Start(TimeSpan.FromHours(1))) { IsBackground = true }.Start();
        }

        Console.WriteLine(string.Join(' ', devices.Select(device => device.Id)));
        loop.Run();
    }

    public void Kill() => _process.Kill();

    public void Dispose() => _process.Dispose();

    private static HalfServer Start(params string[] arguments)
    {
        var server = new HalfServer(SampleProcess.Start(typeof(HalfServer).Assembly.GetName().Name!, arguments));
        try
        {
            server.Ids = [.. server._process.Line().Split(' ').Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    private static void Fetch(UblkDevice device, int queue, int tags, RingLoop loop)
    {
        if (tags > 0)
        {
            new UblkQueue(device, queue, loop, new MemoryTarget(), new UblkQueueOptions { TagCount = tags }).Start();
        }
    }
}

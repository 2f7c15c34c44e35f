using System.CommandLine;
using System.Runtime.InteropServices;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Runner;
using UblkNull;
using UblkNull.Zones;

var id = new Option<int>("--id") { Description = "The N of /dev/ublkbN; -1 for the first that is free", DefaultValueFactory = _ => -1 };
var size = new Option<int>("--size") { Description = "The size in MiB", DefaultValueFactory = _ => 1024 };
var queues = new Option<int>("--queues") { Description = "How many queues, each with a thread; at most one a processor", DefaultValueFactory = _ => 1 };
var depth = new Option<int>("--depth") { Description = "How many requests of a queue are under way at a time", DefaultValueFactory = _ => 128 };
var unprivileged = new Option<bool>("--unprivileged") { Description = "A device of a user who is not root; a udev rule gives the nodes to him" };
var zone = new Option<int>("--zone") { Description = "A zoned disk with zones of so many MiB, a power of two; 0 for none" };
var capacity = new Option<int>("--zone-capacity") { Description = "How many MiB of a zone can be written; 0 for all" };
var conventional = new Option<int>("--conventional") { Description = "How many of the first zones have no write pointer" };
var maxOpen = new Option<int>("--max-open") { Description = "How many zones may be open; 0 for any number" };
var maxActive = new Option<int>("--max-active") { Description = "How many zones may be open or closed; 0 for any number" };

var root = new RootCommand("Serves /dev/ublkbN from nothing: writes are forgotten. Prints its name when it is there; Ctrl-C takes it away.")
{
    id, size, queues, depth, unprivileged, zone, capacity, conventional, maxOpen, maxActive,
};
root.SetAction(parsed => Serve(new NullDisk
{
    Id = parsed.GetValue(id),
    Size = parsed.GetValue(size),
    Queues = parsed.GetValue(queues),
    Depth = parsed.GetValue(depth),
    Unprivileged = parsed.GetValue(unprivileged),
    Zones = parsed.GetValue(zone) == 0 ? null : new ZoneLimits
    {
        ZoneSize = parsed.GetValue(zone),
        ZoneCapacity = parsed.GetValue(capacity),
        Conventional = parsed.GetValue(conventional),
        MaxOpen = parsed.GetValue(maxOpen),
        MaxActive = parsed.GetValue(maxActive),
    },
}));

try
{
    return root.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception exception) when (exception is UblkException or RingException)
{
    Console.Error.WriteLine($"ublk-null: {exception.Message}");
    return 3;
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine($"ublk-null: {exception.Message}");
    return 2;
}

static int Serve(NullDisk disk)
{
    using var stop = new SemaphoreSlim(0);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

    using UblkControl control = UblkControl.Open();
    using UblkDevice device = UblkDevice.Create(control, disk.ToDevice());
    using UblkRunner runner = UblkRunner.Start(device, disk.ToTarget());
    foreach (string warning in device.Warnings)
    {
        Console.Error.WriteLine($"ublk-null: {warning}");
    }

    Console.WriteLine(device.BlockPath);

    // Until Ctrl-C, or until somebody else stops the device.
    Task.WaitAny(stop.WaitAsync(), runner.Ended);
    if (!runner.Ended.IsCompleted)
    {
        runner.Stop(TimeSpan.FromSeconds(30));
    }

    device.Delete();
    return runner.Ended.IsFaulted ? 1 : 0;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Release();
    }
}

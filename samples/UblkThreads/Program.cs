using System.CommandLine;
using System.Runtime.InteropServices;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Parameters;
using Microsoft.Win32.SafeHandles;
using UblkThreads;

var path = new Argument<string>("FILE") { Description = "The file; made if it is not there" };
var size = new Option<long>("--size") { Description = "The size in MiB of a file that is made", DefaultValueFactory = _ => 1024 };
var queues = new Option<int>("--queues") { Description = "How many queues, each with a thread; at most one a processor", DefaultValueFactory = _ => 1 };
var threads = new Option<int>("--threads") { Description = "How many threads read and write the file", DefaultValueFactory = _ => 4 };

var root = new RootCommand("Serves /dev/ublkbN from a file with pread and pwrite on its own threads, without the library's runner. Prints its name when it is there; Ctrl-C takes it away.")
{
    path, size, queues, threads,
};
root.SetAction((parsed, _) => Serve(parsed.GetRequiredValue(path), parsed.GetValue(size) << 20, parsed.GetValue(queues), Math.Max(parsed.GetValue(threads), 1)));

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"ublk-threads: {exception.Message}");
    return exception is UblkException or RingException ? 3 : 1;
}
catch (ArgumentException exception)
{
    Console.Error.WriteLine($"ublk-threads: {exception.Message}");
    return 2;
}

static async Task<int> Serve(string path, long size, int queues, int threads)
{
    using var stop = new SemaphoreSlim(0);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

    using SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
    if (RandomAccess.GetLength(file) == 0)
    {
        RandomAccess.SetLength(file, size);
    }

    using UblkControl control = UblkControl.Open();
    using UblkDevice device = UblkDevice.Create(control, new UblkDeviceOptions
    {
        Queues = queues,
        Parameters = new UblkParameters { DevSectors = RandomAccess.GetLength(file) / 4096 * 8, Attributes = UblkAttributes.VolatileCache },
    });
    using var target = new PooledFileTarget(file, threads);
    Task[] serving = [.. Enumerable.Range(0, device.Info.Queues).Select(queue => QueueThread.Start(device, queue, target))];
    Task ended = Task.WhenAll(serving);
    try
    {
        // Waits until the queues' threads have fetched every tag.
        device.Start();
        Console.WriteLine(device.BlockPath);

        // Until Ctrl-C, or until somebody else stops the device.
        await Task.WhenAny([stop.WaitAsync(), .. serving]);
    }
    finally
    {
        // What is under way has its end, every tag comes back, and the threads with it.
        device.Stop();
        await ended;
        device.Delete();
    }

    return 0;

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Release();
    }
}

using System.Runtime.ExceptionServices;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Devices;
using LibMultipath.Ublk.Queues;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LibMultipath.Ublk.Runner;

/// <summary>
/// Serves a device with threads of its own: one a queue, pinned to the queue's processors, unless it is told otherwise.
/// For those who just want it; who has threads drives <see cref="UblkQueue"/> himself.
/// </summary>
/// <remarks>All members may be used on any thread, but not on one of the runner's own unless it says so.</remarks>
public sealed partial class UblkRunner : IDisposable
{
    private readonly UblkRunnerOptions _options;
    private readonly ILogger _logger;
    private readonly ServerThread[] _threads;
    private readonly CancellationTokenSource _anyEnded = new();
    private int _disposed;

    private UblkRunner(UblkDevice device, UblkTarget target, UblkRunnerOptions options)
    {
        _options = options;
        _logger = options.Logger ?? NullLogger.Instance;
        Device = device;
        UblkDeviceInfo info = device.Info;
        int threads = ThreadsFor(info.Queues, info.QueueDepth, info.Features, options.Threads);
        _threads = [.. ServedTags.Share(info.Queues, info.QueueDepth, threads)
            .Select(parts => new ServerThread(device, target, options, parts, _logger))];
        Ended = WhenEnded();
    }

    /// <summary>The device. It stays its owner's.</summary>
    public UblkDevice Device { get; }

    /// <summary>
    /// Ends when no thread serves the device any more: it was stopped, quiesced or deleted, whoever asked, or given up.
    /// Fails if a thread ended for another reason.
    /// </summary>
    public Task Ended { get; }

    /// <summary>Whether every thread is one of those that memory is found for without the disk (<c>PR_SET_IO_FLUSHER</c>).</summary>
    public bool AreIoFlushers => Array.TrueForAll(_threads, thread => thread.IsIoFlusher);

    /// <summary>Starts the threads and the device, new or to be recovered: when this returns, users have their disk.</summary>
    /// <param name="device">Added or being recovered, and not started.</param>
    /// <param name="target">What serves its requests.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <param name="cancellationToken">Gives up; the device is not started then.</param>
    /// <exception cref="ArgumentException">The device cannot be served by so many threads.</exception>
    /// <exception cref="UblkException">The device cannot be started; no thread is left. Timeout: not in <see cref="UblkRunnerOptions.Timeout"/>.</exception>
    /// <exception cref="IoUring.RingException">There can be no ring; no thread is left.</exception>
    public static UblkRunner Start(UblkDevice device, UblkTarget target, UblkRunnerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(target);
        var runner = new UblkRunner(device, target, options ?? new UblkRunnerOptions());
        try
        {
            // A thread that has ended fetches no more, and the device would wait for it in vain.
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, runner._anyEnded.Token);
            try
            {
                runner.StartThreads(giveUp.Token);
                device.Start(runner._options.Timeout, giveUp.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw runner.WhyEnded();
            }

            return runner;
        }
        catch
        {
            runner.Abandon();
            throw;
        }
    }

    /// <summary>
    /// Stops the device and waits for the threads: requests that are under way end first. When that takes too long, the
    /// target's requests are given up, and fail, or wait for the next server if the device can be recovered.
    /// </summary>
    /// <param name="timeout">How long it may take.</param>
    /// <returns>Whether every request had its end.</returns>
    public bool Stop(TimeSpan timeout)
    {
        bool stopped;
        try
        {
            Device.Stop(timeout);
            stopped = Wait(timeout);
        }
        catch (UblkException exception) when (exception.Kind == UblkErrorKind.Timeout)
        {
            stopped = false;
        }
        catch (UblkException exception) when (exception.Kind == UblkErrorKind.NotFound)
        {
            // Somebody has deleted it.
            stopped = Wait(timeout);
        }

        if (!stopped)
        {
            _logger.Abandoned(Device.Info.Id, timeout.TotalSeconds);
            Abandon();
        }

        return stopped;
    }

    /// <summary>
    /// Ends the threads without the kernel's leave, and closes the device, as a crash would: what is under way fails, or
    /// waits for the next server if the device can be recovered.
    /// </summary>
    public void Abandon()
    {
        foreach (ServerThread thread in _threads)
        {
            thread.Abandon();
        }

        Wait(_options.Timeout);
        Device.Close();
    }

    /// <summary>As <see cref="Abandon"/>, unless the threads have ended; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0 && !Ended.IsCompleted)
        {
            Abandon();
        }
    }

    /// <summary>How many threads serve so many queues.</summary>
    /// <exception cref="ArgumentException">They cannot be so many; the message says why.</exception>
    internal static int ThreadsFor(int queues, int depth, UblkFeatures features, int asked)
    {
        int threads = asked == 0 ? queues : asked;
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1, nameof(UblkRunnerOptions.Threads));
        if (threads <= queues)
        {
            return threads;
        }

        if (threads % queues != 0 || threads / queues > depth)
        {
            throw new ArgumentException($"{threads} threads cannot share {queues} queues of {depth} tags: give at most as many threads as queues, or a multiple", nameof(asked));
        }

        if ((features & UblkFeatures.BatchIo) != 0)
        {
            throw new ArgumentException($"{threads} threads for {queues} queues: with {UblkFeatures.BatchIo} a queue has one thread; give at most {queues} threads, or leave it out", nameof(asked));
        }

        if ((features & UblkFeatures.PerIoDaemon) == 0)
        {
            throw new ArgumentException($"{threads} threads for {queues} queues need a device with {UblkFeatures.PerIoDaemon}: add it with that", nameof(asked));
        }

        return threads;
    }

    private void StartThreads(CancellationToken cancellationToken)
    {
        foreach (ServerThread thread in _threads)
        {
            thread.Start();
        }

        Task fetched = Task.WhenAll(_threads.Select(thread => thread.Fetched));
        try
        {
            fetched.WaitAsync(_options.Timeout, cancellationToken).GetAwaiter().GetResult();
        }
        catch (TimeoutException exception)
        {
            throw new UblkException(UblkErrorKind.Timeout, Errno.ETIMEDOUT, $"starting ublk device {Device.Id}",
                $"its threads have not fetched every tag after {_options.Timeout.TotalSeconds:0.###} s", "see that the target lets its queues start, or allow more time", exception);
        }
    }

    // One thread may have ended because of another: the one that failed says why.
    private Exception WhyEnded()
    {
        foreach (ServerThread thread in _threads)
        {
            if (thread.Ended.Exception?.InnerException is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }
        }

        return new UblkException(UblkErrorKind.NotFound, Errno.ENODEV, $"starting ublk device {Device.Id}", "somebody has stopped or deleted it meanwhile", "start it again, or create it anew");
    }

    // A thread that fails takes the others with it: half of a disk is none.
    private async Task WhenEnded()
    {
        bool failed = false;
        await foreach (Task ended in Task.WhenEach(_threads.Select(thread => thread.Ended)))
        {
            _anyEnded.Cancel();
            if (ended.IsFaulted)
            {
                failed = true;
                foreach (ServerThread thread in _threads)
                {
                    thread.Abandon();
                }
            }
        }

        if (failed)
        {
            // Only then does the kernel end what was with the server.
            Device.Close();
        }

        await Task.WhenAll(_threads.Select(thread => thread.Ended));
    }

    private bool Wait(TimeSpan timeout)
    {
        Task all = Task.WhenAll(_threads.Select(thread => thread.Ended));
        return Task.WaitAny([all], timeout) == 0;
    }
}

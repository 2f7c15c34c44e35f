using System.Diagnostics;
using LibMultipath.Block;
using LoopDriver;

namespace BdevDriver.Devices;

/// <summary>
/// Looks at the device of a path, on a thread of its own: when an I/O has failed, when it is asked to, and every now and
/// then. It is this thread that ends what has failed, after what follows from the look has been done: looking is no work
/// for a thread that drives a ring, and the pool's may all be waiting for this disk.
/// </summary>
internal sealed class DeviceWatch
{
    // After a fault; such as that of a host that cannot show the disk that a path brings.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    // The kernel asks the target for its access state some milliseconds after a command was refused because of it.
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(50);

    private readonly object _lock = new();
    private readonly Queue<DeviceFailure> _failures = new();
    private bool _asked;
    private bool _stopped;

    /// <summary>Begins.</summary>
    /// <param name="name">Of the thread.</param>
    /// <param name="look">Looks at the device, does what follows for the path, and says how long until the next look.</param>
    /// <param name="faulted">Is told what that has thrown; it is tried again.</param>
    /// <exception cref="BlockException">There can be no thread (EAGAIN).</exception>
    public void Start(string name, Func<IReadOnlyCollection<DeviceFailure>, (DeviceLook Device, TimeSpan Next)> look, Action<Exception> faulted) =>
        LoopThreads.Start(name, () => Work(look, faulted));

    /// <summary>Takes an attempt that has failed, and ends it soon. Any thread.</summary>
    public void Judge(DeviceFailure failure)
    {
        lock (_lock)
        {
            if (!_stopped)
            {
                _failures.Enqueue(failure);
                Monitor.PulseAll(_lock);
                return;
            }
        }

        failure.Attempt.FailPath(failure.Status);
    }

    /// <summary>Has the device looked at now. Any thread.</summary>
    public void Ask()
    {
        lock (_lock)
        {
            _asked = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>No more looks. What has failed ends. Does not wait.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Waits, and not for longer than it is of use. Any thread; none of the pool is needed.</summary>
    /// <returns>Whether it was stopped.</returns>
    public bool IsStoppedWithin(TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            while (!_stopped && limit - Stopwatch.GetElapsedTime(start) is { } left && left > TimeSpan.Zero)
            {
                Monitor.Wait(_lock, left);
            }

            return _stopped;
        }
    }

    private void Work(Func<IReadOnlyCollection<DeviceFailure>, (DeviceLook Device, TimeSpan Next)> look, Action<Exception> faulted)
    {
        TimeSpan next = TimeSpan.Zero;
        while (true)
        {
            DeviceFailure[] failures = Wait(next, out bool stopped);
            if (stopped)
            {
                Array.ForEach(failures, failure => failure.Attempt.FailPath(failure.Status));
                return;
            }

            DeviceLook device;
            try
            {
                (device, next) = look(failures);
                if (device.MayBeSettling && failures.Any(failure => failure.Status == BlockStatus.IoError) && !IsStoppedWithin(s_settling))
                {
                    (device, next) = look(failures);
                }
            }
            catch (Exception exception)
            {
                // Others' code, in what follows for the path. The attempts end all the same.
                faulted(exception);
                (device, next) = (DeviceLook.Unknown, s_pause);
            }

            foreach (DeviceFailure failure in failures)
            {
                failure.End(device);
            }
        }
    }

    private DeviceFailure[] Wait(TimeSpan limit, out bool stopped)
    {
        lock (_lock)
        {
            if (!_stopped && !_asked && _failures.Count == 0)
            {
                Monitor.Wait(_lock, limit);
            }

            _asked = false;
            stopped = _stopped;
            DeviceFailure[] failures = [.. _failures];
            _failures.Clear();
            return failures;
        }
    }
}

using BdevDriver.Devices;
using LibMultipath.Paths;

namespace BdevDriver;

// How the state of the path follows the device's.
public sealed partial class BdevPath
{
    // All of it under the lock.
    private MpathAccessState? _access;
    private bool _down;
    private bool _suspect;
    private bool _reread;
    private bool _toldGone;

    /// <summary>
    /// The device was removed, and its descriptor let go, so that the kernel can forget it. On a thread of the path's own,
    /// which has attempts to end, or on one that carries out a reservation: who removes the path does it on another.
    /// </summary>
    public event Action<BdevPath>? Gone;

    /// <summary>The state of the device in the words of its driver: <c>running</c>, <c>offline</c>, <c>live</c> and so on; <c>present</c> where the driver has none, <c>gone</c>.</summary>
    public string DeviceState { get; private set; }

    /// <summary>
    /// Whether the device was removed: what comes back is another device, for a path to be added, or this one restored if
    /// it has the same name and id.
    /// </summary>
    public bool IsGone { get; private set; }

    private protected override MpathAccessState FirstAccessState => _access ?? MpathAccessState.Optimized;

    /// <summary>Has the device's access state read, and the path's set to it.</summary>
    internal void RereadState()
    {
        lock (StateLock)
        {
            _reread = true;
        }

        _watch.Ask();
    }

    /// <summary>Looks at the device, and does what follows. Blocks for a grace period.</summary>
    /// <returns>Whether it can be used.</returns>
    internal bool Check() => Look([]).Device.Condition == DeviceCondition.Works;

    /// <summary>Waits for the device to get over something, but not when the path goes. No thread of the pool is needed: all of them may wait for this disk.</summary>
    /// <returns>Whether the path was released.</returns>
    internal bool IsReleasedWithin(TimeSpan limit) => _watch.IsStoppedWithin(limit);

    /// <summary>The way to the device is in doubt: the path is down until the device has answered. Blocks for a grace period.</summary>
    internal void Suspect()
    {
        lock (StateLock)
        {
            _suspect = true;
        }

        Check();
        _watch.Ask();
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        base.Release();
        _watch.Stop();
        _errors.Dispose();
    }

    private protected override void Begin(MpathDevice path)
    {
        // Live as soon as the device is found to work.
        _down = true;
        DeviceLook device = LookAtDevice();
        Follow(device, path);
        if (_down)
        {
            _logger.DeviceDown(Name, File, device.State);
        }

        _watch.Ask();
    }

    // On the watching thread, and whoever checks. What has failed is ended when the path is as it should be.
    internal (DeviceLook Device, TimeSpan Next) Look(IReadOnlyCollection<DeviceFailure> failures)
    {
        DeviceLook device;
        TimeSpan next = Timeout.InfiniteTimeSpan;
        bool hasGone;
        lock (StateLock)
        {
            device = LookAtDevice();
            if (!IsReleased && !IsFailed)
            {
                // A device that takes no I/O because of its access state says why it does not answer as it should.
                _suspect = device.Access != MpathAccessState.Other && (_suspect || failures.Any(failure => failure.IsOfPath));
                bool wasDown = _down;
                Follow(device, Path);
                LogChange(wasDown, device);
                next = Next(device, failures.Count == 0);

                // What failed on a path that was down was begun before: it tells of that, even if all is well again.
                device = _suspect || wasDown ? device with { Condition = DeviceCondition.Down } : device;
            }

            hasGone = IsGone && !_toldGone;
            _toldGone = IsGone;
        }

        if (hasGone)
        {
            _logger.DeviceGone(Name, File);
            Gone?.Invoke(this);
        }

        return (device, next);
    }

    private DeviceLook LookAtDevice()
    {
        var device = DeviceLook.At(_folder, _identity.Sequence);
        if (device.Condition == DeviceCondition.Works && _identity.IsAnother(_folder.Disk, out UniqueId? id))
        {
            // Where the target shows another unit in the place of the one that it was.
            device = device with { Condition = DeviceCondition.Down, State = $"another device ({id})" };
        }

        DeviceState = device.State;

        // One that is being removed, or whose medium was, has no capacity any more.
        return device.Condition == DeviceCondition.Works && Handle is { } handle && BdevFile.SectorsOf(_options.System, handle) == 0
            ? device with { Condition = DeviceCondition.Down }
            : device;
    }

    // Only what was set down here is set live here: a path may be down for reasons of others.
    private void Follow(DeviceLook device, MpathDevice? path)
    {
        FollowAccess(device, path);
        bool works = device.Condition == DeviceCondition.Works && !_suspect;
        if (works && _down)
        {
            path?.SetLive();
        }
        else if (!works)
        {
            // Also when it was down: somebody else may have set it live meanwhile.
            path?.SetDown();
        }

        _down = !works;
        if (device.Condition == DeviceCondition.Gone)
        {
            // Before it fails, and what waits for it is looked at: it may not come back.
            IsGone = true;
            Fail();
            path?.Head.ScheduleRequeue();
        }
    }

    // What the device says counts when it says something new, or was asked: what somebody has set stays until then.
    private void FollowAccess(DeviceLook device, MpathDevice? path)
    {
        bool isNew = device.Access is not null && device.Access != _access;
        _access = device.Access ?? _access;
        if (path is not null && (isNew || _reread))
        {
            path.AccessState = _access ?? path.AccessState;
            _reread = false;
        }
    }

    private void LogChange(bool wasDown, DeviceLook device)
    {
        if (_down && !wasDown)
        {
            _logger.DeviceDown(Name, File, device.State);
        }
        else if (wasDown && !_down)
        {
            _logger.DeviceUp(Name, File, device.State);
        }
    }

    private TimeSpan Next(DeviceLook device, bool quiet)
    {
        bool isWell = !_down && device.TakesIo;

        // The kernel hears of another access state from the answer to a command, and where a path is optimized the others
        // are sent none. Not at a failure itself: a device that answers and cannot do I/O would come and go all the time.
        bool asks = !isWell || device.Access == MpathAccessState.NonOptimized;
        if (asks && quiet && device.Condition == DeviceCondition.Works && Handle is { } handle)
        {
            _probe.Start($"{Name}/probe", handle, Limits.LogicalBlockSize);
        }

        return !isWell ? _options.Poll : Path is null ? Timeout.InfiniteTimeSpan : _options.CalmPoll;
    }

    private void OnAnswered(bool works)
    {
        bool clears;
        lock (StateLock)
        {
            clears = works && _suspect;
            _suspect &= !works;
        }

        if (clears)
        {
            _watch.Ask();
        }
    }
}

using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Reservations;

namespace LibMultipath.Passthrough;

/// <summary>
/// The character device of a multipath disk, opened (<c>struct file</c>). It is an endpoint in this process: whoever shows it to
/// others, through CUSE or a socket, calls it.
/// </summary>
/// <remarks>
/// Holds the head: it is not gone before this is disposed. Answers are as those of <see cref="MpathPassthrough"/>. All members may
/// be used on any thread.
/// </remarks>
public sealed class MpathCharHandle : IDisposable
{
    private readonly MpathDisk _disk;
    private readonly MpathHead _head;
    private readonly MpathReservations? _reservations;
    private int _closed;

    internal MpathCharHandle(MpathDisk disk, MpathReservations? reservations)
    {
        _disk = disk;
        _head = disk.Head;
        _reservations = reservations;
        if (!disk.HasCharDevice || !disk.IsLive || !_head.TryGet())
        {
            throw new BlockException(Errno.ENXIO, $"{disk.Name} has no character device: its driver knows none, or the disk is not live");
        }
    }

    /// <summary>Sends a command that ends before it returns (<c>cdev_ioctl</c>).</summary>
    /// <param name="ioctl">The command.</param>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    public int Ioctl(MpathIoctl ioctl)
    {
        ThrowIfClosed();
        return MpathPassthrough.CarryOutReservation(_disk, ioctl, _reservations) ?? (_head.Template is IMpathCharIoctl driver
            ? MpathPassthrough.OnPath(_disk, path => driver.BeginCharIoctl(path, ioctl))
            : -(int)Errno.EOPNOTSUPP);
    }

    /// <summary>Sends a command that completes later (<c>chr_uring_cmd</c>). The head stays until it has, whether the handle does or not.</summary>
    /// <param name="command">Not sent before.</param>
    /// <exception cref="ObjectDisposedException">The handle was disposed.</exception>
    /// <exception cref="InvalidOperationException">The command was sent before.</exception>
    public ValueTask<int> SendAsync(MpathCharCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        ThrowIfClosed();
        if (!command.TrySend())
        {
            throw new InvalidOperationException("The command was sent before; make another one.");
        }

        if (_head.Template is not IMpathCharCommands driver)
        {
            return new ValueTask<int>(-(int)Errno.EOPNOTSUPP);
        }

        if (!_disk.IsLive)
        {
            return new ValueTask<int>(-(int)Errno.ENXIO);
        }

        // The handle holds the head now, and may be disposed before the command has ended.
        return _head.TryGet() ? StartAsync(driver, command) : new ValueTask<int>(-(int)Errno.ENXIO);
    }

    /// <summary>Looks whether a command has completed (<c>chr_uring_cmd_iopoll</c>), on the path that it went to.</summary>
    /// <param name="command">A command of this handle.</param>
    /// <returns>How many were completed; 0 too when it has no path any more; or an errno below 0.</returns>
    public int Poll(MpathCharCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        ThrowIfClosed();
        if (_head.Template is not IMpathCharCommands driver)
        {
            return -(int)Errno.EOPNOTSUPP;
        }

        // The handle may be disposed on another thread.
        if (!_head.TryGet())
        {
            return -(int)Errno.ENXIO;
        }

        try
        {
            return Poll(driver, command);
        }
        finally
        {
            _head.Put();
        }
    }

    /// <summary>Closes it. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            _head.Put();
        }
    }

    private int Poll(IMpathCharCommands driver, MpathCharCommand command)
    {
        // The section keeps a path that the command is just letting go.
        using (_head.Srcu.Enter())
        {
            if (command.Path is not { } path)
            {
                return 0;
            }

            try
            {
                return driver.PollCommand(path, command);
            }
            catch (Exception exception)
            {
                return MpathPassthrough.Faulted(_disk, path, exception);
            }
        }
    }

    private async ValueTask<int> StartAsync(IMpathCharCommands driver, MpathCharCommand command)
    {
        try
        {
            return await RunAsync(driver, command).ConfigureAwait(false);
        }
        finally
        {
            _head.Put();
        }
    }

    private async ValueTask<int> RunAsync(IMpathCharCommands driver, MpathCharCommand command)
    {
        ValueTask<int> answer;
        HeldPath held;
        MpathDevice path;
        using (PathSelection selection = _head.SelectPath())
        {
            if (selection.Path is not { } selected)
            {
                return -(int)Errno.EAGAIN;
            }

            path = selected;
            held = new HeldPath(path);
            command.Path = path;
            try
            {
                answer = driver.StartCommand(path, command);
            }
            catch (Exception exception)
            {
                answer = ValueTask.FromException<int>(exception);
            }
        }

        bool endsLater = !answer.IsCompleted;
        int result;
        try
        {
            result = await answer.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            result = MpathPassthrough.Faulted(_disk, path, exception);
        }
        finally
        {
            command.Path = null;
            held.LetGo();
        }

        if (endsLater)
        {
            // A poll may have ended it, in a read section: what its sender does then may wait for a grace period.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        return result;
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) != 0, this);
}

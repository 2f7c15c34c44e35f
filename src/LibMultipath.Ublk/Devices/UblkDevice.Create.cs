using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Interop;
using LibMultipath.Ublk.Parameters;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Devices;

// How a device comes to be had. What fails half-way undoes what it did.
public sealed partial class UblkDevice
{
    private static readonly TimeSpan s_lastTry = TimeSpan.FromSeconds(1);

    /// <summary>Adds a device, sets its parameters and opens its char device.</summary>
    /// <param name="control">The control device; it outlives this.</param>
    /// <param name="options">How it is to be.</param>
    /// <param name="timeout">At most, all in all; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="ArgumentException">The options are wrong; the message says how. Nothing was done.</exception>
    /// <exception cref="UblkException">
    /// NotSupported: the kernel lacks a feature or a kind of parameters; Busy: the id is taken; Permission; Timeout. There
    /// is no device then.
    /// </exception>
    public static UblkDevice Create(UblkControl control, UblkDeviceOptions options, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(options);
        UblkValidation validation = options.Validate();
        validation.ThrowIfInvalid("The options of a ublk device are wrong");
        UblkFeatures needed = options.Features & ~options.Droppable;
        Need(needed, control.Features);

        var deadline = new Deadline(timeout ?? control.CommandTimeout);
        UblkDeviceInfo info = control.AddUnchecked(options, deadline.Left, cancellation);
        SafeFileHandle? file = null;
        try
        {
            Need(needed, info.Features);

            // First of all: who is not root may do nothing with his device before udev has given him its node.
            file = OpenChar(info, deadline, cancellation);
            EnsureOwn(control, info, deadline, cancellation);
            UblkParameters parameters = control.SetParameters(info.Id, options.Parameters, deadline.Left, cancellation);
            return new UblkDevice(control, info, parameters, file, [.. validation.Warnings, .. Differences(options, info)], created: true);
        }
        catch
        {
            Undo(control, info, file);
            throw;
        }
    }

    /// <summary>Takes over a device whose server is gone: asks the kernel for it, and opens its char device.</summary>
    /// <param name="control">The control device; it outlives this.</param>
    /// <param name="id">The device; it was added with <see cref="UblkFeatures.UserRecovery"/>.</param>
    /// <param name="timeout">
    /// At most, all in all; null for <see cref="UblkControl.CommandTimeout"/>. The kernel needs a moment to let go of a
    /// server that was killed.
    /// </param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <returns>The device; <see cref="Start"/> serves it again when its queues fetch.</returns>
    /// <exception cref="UblkException">
    /// NotFound: no such device, or it has no disk; NotSupported: it was added without recovery; Busy: a server has it, the
    /// last one or another that takes it over. The device is as before.
    /// </exception>
    public static UblkDevice Recover(UblkControl control, int id, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(control);
        var deadline = new Deadline(timeout ?? control.CommandTimeout);
        UblkDeviceInfo info = control.GetDeviceInfo(id, deadline.Left, cancellation);
        var command = new ControlCommand(UblkCommand.UBLK_U_CMD_START_USER_RECOVERY, id);
        bool recoverable = (info.Features & UblkFeatures.UserRecovery) != 0;
        if (recoverable && info.State == UblkDeviceState.Dead)
        {
            throw new UblkException(UblkErrorKind.NotFound, Errno.ENODEV, UblkErrors.Doing(command.Number, id), "it is not started, and has no disk to recover", "delete it, and create it anew");
        }

        for (int pause = 0; ;)
        {
            // A last try has time enough, so that the answer is the kernel's.
            TimeSpan left = deadline.Left;
            int result = control.TryRun(command, [], left != Timeout.InfiniteTimeSpan && left < s_lastTry ? s_lastTry : left, cancellation);
            if (result >= 0 || (result == -(int)Errno.EINVAL && recoverable))
            {
                // An older kernel says EINVAL when recovery has begun; who has the char device open is to finish it.
                break;
            }

            if (result != -(int)Errno.EBUSY || deadline.IsOver)
            {
                throw UblkErrors.Command(command.Number, id, (Errno)(-result));
            }

            deadline.Pause(ref pause, cancellation);
        }

        SafeFileHandle file = OpenChar(info, deadline, cancellation);
        try
        {
            info = control.GetDeviceInfo(id, cancellation: cancellation);
            return new UblkDevice(control, info, control.GetParameters(id, cancellation: cancellation), file, [], created: false);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A device that another process serves, or nobody: to look at it, stop, resize and delete it.</summary>
    /// <param name="control">The control device; it outlives this.</param>
    /// <param name="id">The device.</param>
    /// <param name="timeout">At most; null for <see cref="UblkControl.CommandTimeout"/>.</param>
    /// <param name="cancellation">Cancels the wait.</param>
    /// <exception cref="UblkException">NotFound, Permission.</exception>
    public static UblkDevice Attach(UblkControl control, int id, TimeSpan? timeout = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(control);
        UblkDeviceInfo info = control.GetDeviceInfo(id, timeout, cancellation);
        return new UblkDevice(control, info, control.GetParameters(id, timeout, cancellation), null, [], created: false);
    }

    // Until it is open, who wants the same number may take the device for a left-over, delete it, and add another. One
    // that is as this was to be will do: who has it open serves it, and the other one is told that it is taken.
    private static void EnsureOwn(UblkControl control, UblkDeviceInfo added, Deadline deadline, CancellationToken cancellation)
    {
        if (control.GetDeviceInfo(added.Id, deadline.Left, cancellation) != added)
        {
            throw new UblkException(UblkErrorKind.Busy, Errno.EBUSY, $"adding ublk device {added.Id}", "another server has taken its number", "choose another, or -1 for any");
        }
    }

    /// <summary>Deletes what was added, unless another server's device has the number by now.</summary>
    /// <param name="control">The control device.</param>
    /// <param name="added">The device, as it was added.</param>
    /// <param name="file">Its char device, which is closed then; null if it is not open.</param>
    internal static void Undo(UblkControl control, UblkDeviceInfo added, SafeFileHandle? file)
    {
        Errno errno = Errno.None;
        file ??= Libc.Open(added.CharPath, out errno);
        try
        {
            if (errno != Errno.EBUSY && Look(control, added, file) == added)
            {
                TryDelete(control, added, file is { IsClosed: false } ? file : null);
            }
        }
        catch (IOException)
        {
            // It has gone already, or cannot be reached any more.
            return;
        }
        finally
        {
            file?.Dispose();
        }
    }

    // A process that has not even a descriptor for the question gives the device's.
    private static UblkDeviceInfo Look(UblkControl control, UblkDeviceInfo added, SafeFileHandle? file)
    {
        try
        {
            return control.GetDeviceInfo(added.Id);
        }
        catch (UblkException exception) when (file is not null && UblkErrors.IsShortage(exception.Errno))
        {
            file.Dispose();
            return control.GetDeviceInfo(added.Id);
        }
    }

    private static void Need(UblkFeatures needed, UblkFeatures there)
    {
        UblkFeatures lost = needed & ~there;
        if (lost != 0)
        {
            throw UblkErrors.Lacks("adding a ublk device", lost.ToText(), "leave it out, or use a newer kernel");
        }
    }

    private static IEnumerable<string> Differences(UblkDeviceOptions options, UblkDeviceInfo info)
    {
        if (info.Queues < options.Queues)
        {
            yield return $"The device has {info.Queues} of {options.Queues} queues: the kernel makes at most one a CPU.";
        }

        if ((options.Features & ~info.Features & UblkFeatures.UnprivilegedDevice) != 0)
        {
            yield return "UNPRIVILEGED_DEV was cleared by the kernel: the devices of a privileged user are privileged.";
        }
    }

    // The node comes a little after the device, and its permissions, which udev sets, a little after that.
    private static SafeFileHandle OpenChar(UblkDeviceInfo info, Deadline deadline, CancellationToken cancellation)
    {
        for (int pause = 0; ;)
        {
            if (Libc.Open(info.CharPath, out Errno errno) is { } file)
            {
                return file;
            }

            if (deadline.IsOver || errno is not (Errno.ENOENT or Errno.EACCES or Errno.EPERM or Errno.EBUSY or Errno.ENXIO or Errno.ENODEV))
            {
                throw UblkErrors.OpenChar(info.CharPath, errno);
            }

            deadline.Pause(ref pause, cancellation);
        }
    }
}

using LibMultipath.Block;
using LibMultipath.Ublk.Control;
using LibMultipath.Ublk.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Devices;

// How a device that a server has left behind goes.
public sealed partial class UblkDevice
{
    /// <summary>
    /// Deletes a device unless somebody has its char device open, as every server has from the moment that it has added it:
    /// only one can, so that none begins to serve it while it is being deleted. Waits until the number is free.
    /// </summary>
    /// <returns>Whether it is gone; false if somebody has it open, and it was left alone.</returns>
    /// <exception cref="UblkException">It cannot be opened or deleted.</exception>
    internal static bool TryDeleteUnopened(UblkControl control, UblkDeviceInfo info, Deadline deadline, CancellationToken cancellation)
    {
        using SafeFileHandle? file = Libc.Open(info.CharPath, out Errno errno);
        if (file is null)
        {
            return errno is Errno.EBUSY or Errno.ENOENT or Errno.ENXIO or Errno.ENODEV ? false : throw UblkErrors.OpenChar(info.CharPath, errno);
        }

        DeleteOpen(control, info, file, deadline, cancellation);
        return true;
    }

    /// <summary>Deletes a device as a part of something else that has an outcome of its own.</summary>
    /// <param name="control">The control device.</param>
    /// <param name="info">The device.</param>
    /// <param name="file">Its char device, which is closed then; null if there is none to be had.</param>
    /// <returns>Whether it is gone.</returns>
    private static bool TryDelete(UblkControl control, UblkDeviceInfo info, SafeFileHandle? file)
    {
        try
        {
            if (file is null)
            {
                control.DeleteDevice(info.Id);
            }
            else
            {
                // One with a disk that waits for its server goes on only when this is closed; nobody takes its number before.
                DeleteOpen(control, info, file, new Deadline(s_lastTry), default);
            }

            return true;
        }
        catch (IOException)
        {
            // No ring to be had, or somebody has the char device: it goes when they close it.
            return false;
        }
    }

    // Nobody else has it while this does. The kernel takes the node away, after which nobody can open it, and then waits
    // for who has: so this is let go in between. What the deletion lacks may be the descriptor that is let go.
    private static void DeleteOpen(UblkControl control, UblkDeviceInfo info, SafeFileHandle file, Deadline deadline, CancellationToken cancellation)
    {
        Task deletion = BeginDeletion(control, info, cancellation);
        try
        {
            for (int pause = 0; !deletion.IsCompleted && IsListed(info) && !deadline.IsOver && !cancellation.IsCancellationRequested;)
            {
                // One that is given up is seen above: the deletion ends by it, and nothing goes on here before that has.
                deadline.Pause(ref pause, CancellationToken.None);
            }
        }
        finally
        {
            file.Dispose();
        }

        try
        {
            deletion.GetAwaiter().GetResult();
        }
        catch (UblkException exception) when (UblkErrors.IsShortage(exception.Errno))
        {
            control.DeleteDevice(info.Id, cancellation: cancellation);
        }
    }

    private static Task BeginDeletion(UblkControl control, UblkDeviceInfo info, CancellationToken cancellation)
    {
        try
        {
            return Task.Factory.StartNew(
                () => control.DeleteDevice(info.Id, cancellation: cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (TaskSchedulerException exception)
        {
            return Task.FromException(UblkErrors.NoThread($"deleting ublk device {info.Id}", exception));
        }
    }

    private static bool IsListed(UblkDeviceInfo info)
    {
        try
        {
            return UblkControl.ListIds().Contains(info.Id);
        }
        catch (IOException)
        {
            // There is no descriptor to look with, and closing the char device makes one.
            return false;
        }
    }
}

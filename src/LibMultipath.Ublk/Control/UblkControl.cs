using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Interop;
using Microsoft.Win32.SafeHandles;
using static LibMultipath.Ublk.Abi.UblkCommand;

namespace LibMultipath.Ublk.Control;

/// <summary>
/// /dev/ublk-control: every command that adds, changes, starts, stops, recovers and deletes devices. It knows devices by
/// their ids, and talks to the driver alone: any process may manage a device that another one serves.
/// </summary>
/// <remarks>
/// <para><b>Threads.</b> Any number at a time: each command has a small ring of its own.</para>
/// <para><b>Blocking.</b> Every method waits for the kernel on the calling thread, at most for its timeout
/// (<see cref="CommandTimeout"/> unless one is given), and can be cancelled. A command whose time is over is cancelled
/// in the kernel. Where the kernel does not let that happen, which is only while it waits for requests of a disk itself,
/// the command goes on without anybody waiting; what it uses is given back when it has ended.</para>
/// <para><b>Errors.</b> <see cref="UblkException"/> names the command, the device, the error and what to do;
/// <see cref="OperationCanceledException"/> when the token was cancelled.</para>
/// <para><b>Unprivileged devices.</b> Their commands carry the path of the char device, on which the kernel checks the
/// user's permissions. Whether a device is one is asked first (GET_DEV_INFO2), so the caller need not know.</para>
/// </remarks>
public sealed partial class UblkControl : IDisposable
{
    /// <summary>The driver's control device.</summary>
    public const string Path = "/dev/ublk-control";

    // What Linux 6.4 has, which takes these commands but cannot be asked for its features.
    private const UblkFeatures OldFeatures = UblkFeatures.CompleteInTask | UblkFeatures.GetData | UblkFeatures.UserRecovery
        | UblkFeatures.UserRecoveryReissue | UblkFeatures.UnprivilegedDevice | UblkFeatures.IoctlEncode;

    private readonly SafeFileHandle _file;
    private readonly AbandonedCommands _abandoned = new();

    private UblkControl(SafeFileHandle file) => _file = file;

    /// <summary>How long a command may take when no timeout is given: 10 seconds.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What this kernel's driver offers.</summary>
    public UblkFeatures Features { get; private set; }

    /// <summary>
    /// Whether the kernel was too old to be asked (GET_FEATURES, Linux 6.5): <see cref="Features"/> is then what every
    /// such kernel has that takes the commands of this library (Linux 6.4).
    /// </summary>
    public bool FeaturesAreInferred { get; private set; }

    /// <summary>How many commands the kernel has neither ended nor let be cancelled.</summary>
    internal int AbandonedCount => _abandoned.Count;

    /// <summary>Opens the control device, and asks the driver for its features.</summary>
    /// <exception cref="UblkException">There is no driver, no io_uring, or no permission; the message says what to do.</exception>
    public static UblkControl Open() => Open(Path);

    internal static UblkControl Open(string path)
    {
        SafeFileHandle file = Libc.Open(path, out Errno errno) ?? throw UblkErrors.Open(path, errno);
        var control = new UblkControl(file);
        try
        {
            control.LearnFeatures();
            return control;
        }
        catch
        {
            control.Dispose();
            throw;
        }
    }

    /// <summary>Closes the control device. Not while a command runs; a second call does nothing. Devices stay as they are.</summary>
    public void Dispose()
    {
        _abandoned.Sweep();
        _abandoned.Dispose();
        _file.Dispose();
    }

    private void LearnFeatures()
    {
        ulong features = 0;
        int result = TryRun(new ControlCommand(UBLK_U_CMD_GET_FEATURES, -1), MemoryMarshal.AsBytes(new Span<ulong>(ref features)), null, default);
        if (-result is (int)Errno.ENODEV or (int)Errno.EOPNOTSUPP or (int)Errno.EINVAL)
        {
            FeaturesAreInferred = true;
            features = (ulong)OldFeatures;
        }
        else if (result < 0)
        {
            throw UblkErrors.Command(UBLK_U_CMD_GET_FEATURES, -1, (Errno)(-result));
        }

        Features = (UblkFeatures)features;
    }

    /// <summary>Runs a command with an inline argument.</summary>
    private int Run(uint command, int id, ulong data, TimeSpan? timeout, CancellationToken cancellation) =>
        Run(new ControlCommand(command, id, data), [], timeout, cancellation);

    /// <summary>Runs a command with a struct that it reads, writes or both.</summary>
    private int Run<T>(uint command, int id, ref T payload, TimeSpan? timeout, CancellationToken cancellation)
        where T : unmanaged =>
        Run(new ControlCommand(command, id), MemoryMarshal.AsBytes(new Span<T>(ref payload)), timeout, cancellation);

    private int Run(ControlCommand command, Span<byte> payload, TimeSpan? timeout, CancellationToken cancellation)
    {
        int result = TryRun(command, payload, timeout, cancellation);
        return result >= 0 ? result : throw UblkErrors.Command(command.Number, command.Id, (Errno)(-result));
    }

    /// <summary>Runs a command; an error of the driver is the result, not an exception.</summary>
    internal int TryRun(ControlCommand command, Span<byte> payload, TimeSpan? timeout, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        var deadline = new Deadline(timeout ?? CommandTimeout);
        Sweep();
        ControlRing ring = ControlRing.Open(_file);
        try
        {
            return command.Number is UBLK_U_CMD_ADD_DEV or UBLK_U_CMD_GET_FEATURES
                ? ring.Run(command, null, payload, deadline, cancellation)
                : RunOnDevice(ring, command, payload, deadline, cancellation);
        }
        finally
        {
            if (ring.IsAbandoned)
            {
                _abandoned.Add(ring);
            }
            else
            {
                ring.Dispose();
            }
        }
    }

    // A device that is not unprivileged takes commands of root without a path; only GET_DEV_INFO2 always has one.
    private static int RunOnDevice(ControlRing ring, ControlCommand command, Span<byte> payload, Deadline deadline, CancellationToken cancellation)
    {
        if (command.Id is < 0 or >= UblkDeviceOptions.MostDevices)
        {
            return -(int)Errno.ENODEV;
        }

        string path = UblkDeviceInfo.PathOfChar(command.Id);
        ublksrv_ctrl_dev_info info = default;
        Span<byte> read = MemoryMarshal.AsBytes(new Span<ublksrv_ctrl_dev_info>(ref info));
        int asked = ring.Run(new ControlCommand(UBLK_U_CMD_GET_DEV_INFO2, command.Id), path, read, deadline, cancellation);
        if (command.Number == UBLK_U_CMD_GET_DEV_INFO2)
        {
            read.CopyTo(payload);
            return asked;
        }

        if (asked == -(int)Errno.ENODEV)
        {
            return asked;
        }

        bool unprivileged = ((UblkFeatures)info.flags & UblkFeatures.UnprivilegedDevice) != 0;
        int result = ring.Run(command, unprivileged ? path : null, payload, deadline, cancellation);

        // The node is missing or another's, and so nothing is known: an unprivileged device has no better error for that.
        return result == -(int)Errno.EINVAL && asked < 0 && asked != -(int)Errno.EOPNOTSUPP ? asked : result;
    }

    private void Sweep()
    {
        foreach (int id in _abandoned.Sweep() ?? [])
        {
            TryRun(new ControlCommand(UBLK_U_CMD_DEL_DEV_ASYNC, id), [], null, default);
        }
    }
}

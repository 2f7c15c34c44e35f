using System.Runtime.InteropServices;
using LibMultipath.Block;
using LoopDriver;
using Microsoft.Win32.SafeHandles;
using Calls = LoopDriver.Libc;

namespace BdevDriver.Devices;

/// <summary>The system calls that only block devices answer, and where sysfs is. Tests have one of their own, over files.</summary>
internal unsafe partial class DeviceSystem
{
    /// <summary>The machine's.</summary>
    public static DeviceSystem Linux { get; } = new();

    /// <summary>Where sysfs is.</summary>
    public virtual string Sysfs => "/sys";

    /// <summary>Opens a file for direct I/O.</summary>
    /// <returns>Its descriptor; negative when it failed (<see cref="Calls.LastError"/>).</returns>
    public virtual int Open(string device, bool readOnly)
    {
        // Without O_NONBLOCK, opening a pipe would wait for somebody at its other end.
        int flags = Calls.CloseOnExec | Calls.NonBlock | Calls.Direct | (readOnly ? Calls.ReadOnly : Calls.ReadWrite);
        return Calls.Open(device, flags, 0);
    }

    /// <summary>Whether somebody has a block device for himself.</summary>
    public virtual bool IsClaimed(string device)
    {
        int descriptor = Calls.Open(device, Calls.CloseOnExec | Calls.NonBlock | Calls.ReadOnly | Calls.Exclusive, 0);
        if (descriptor < 0)
        {
            return Calls.LastError == Errno.EBUSY;
        }

        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return false;
    }

    /// <summary>The number of a block device; null for a file that is none.</summary>
    public virtual DeviceNumber? NumberOf(SafeFileHandle file)
    {
        byte noPath = 0;
        return Calls.Statx(file, &noPath, Calls.EmptyPath, Statx.Wanted, out Statx about) == 0 && about.IsBlockDevice
            ? new DeviceNumber(about.OwnMajor, about.OwnMinor)
            : null;
    }

    /// <summary>An ioctl.</summary>
    /// <returns>What it answered; the negative errno when it failed.</returns>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public virtual int Control(SafeFileHandle device, uint command, void* argument)
    {
        int result = Ioctl(device, command, argument);
        return result >= 0 ? result : -(int)Calls.LastError;
    }

    /// <summary>An ioctl that only gives a value; null when it fails.</summary>
    public T? Get<T>(SafeFileHandle device, uint command)
        where T : unmanaged
    {
        T value = default;
        return Control(device, command, &value) >= 0 ? value : null;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Ioctl(SafeFileHandle device, nuint command, void* argument);
}

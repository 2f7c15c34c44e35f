using System.Runtime.InteropServices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>A descriptor, and what the file or device that it leads to said of itself when it was opened.</summary>
internal abstract class OpenDescriptor
{
    // What one call may keep a file or a device busy with.
    public const int MaxDiscardSectors = 1 << 21;
    public const int MaxWriteZeroesSectors = 1 << 16;

    private protected OpenDescriptor(SafeFileHandle handle) => Handle = handle;

    /// <summary>The descriptor. It is its path's alone.</summary>
    public SafeFileHandle Handle { get; }

    public required long CapacitySectors { get; init; }

    public required QueueLimits Limits { get; init; }

    /// <summary>Makes a path of it; what it throws closes the descriptor.</summary>
    public T Use<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch
        {
            Handle.Dispose();
            throw;
        }
    }

    /// <summary>What is to be said of something that cannot be opened.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="error">What <c>open</c> answered.</param>
    /// <param name="readOnly">Whether it was only to be read.</param>
    /// <param name="why">What the error means here, and what to do; null for what it always means.</param>
    public static BlockException CannotOpen(string name, Errno error, bool readOnly, string? why) =>
        new(error, $"{name} cannot be opened: {why ?? Usual(error, readOnly)}");

    private static string Usual(Errno error, bool readOnly) => error switch
    {
        Errno.EACCES or Errno.EPERM => $"permission to {(readOnly ? "read" : "read and write")} it is missing; change its mode or owner, or be another user",
        Errno.EMFILE => "the process has too many descriptors open; raise the limit with ulimit -n or LimitNOFILE=",
        Errno.ENFILE => "the system has too many files open; raise fs.file-max",
        _ => Marshal.GetPInvokeErrorMessage((int)error),
    };
}

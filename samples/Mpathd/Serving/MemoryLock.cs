using System.Globalization;

namespace Mpathd.Serving;

/// <summary>
/// Keeps the daemon's memory from being swapped out: when memory runs short, the disk may be where it has to go, and a
/// daemon that waits for its own pages waits for ever.
/// </summary>
internal static class MemoryLock
{
    private const int LockCapability = 14; // CAP_IPC_LOCK

    /// <summary>Locks what there is and what will be, each page when it is used first.</summary>
    /// <returns>Null if it is done; else what to say about it.</returns>
    public static string? TryLockAll()
    {
        // With a limit, later reservations of the runtime would fail, and the daemon with them: all or nothing.
        if (!MayLockEverything())
        {
            return "memory is not locked, and may be swapped out to the very disk: allow it with LimitMEMLOCK=infinity (ulimit -l unlimited) or CAP_IPC_LOCK";
        }

        return Libc.LockAll(Libc.LockCurrent | Libc.LockFuture | Libc.LockOnFault) == 0
            ? null
            : $"memory is not locked, and may be swapped out to the very disk: {Libc.LastErrorMessage}";
    }

    private static unsafe bool MayLockEverything()
    {
        ulong* limits = stackalloc ulong[2];
        return (Libc.GetLimit(Libc.MemoryLockLimit, limits) == 0 && limits[0] == Libc.Unlimited) || HasCapability();
    }

    private static bool HasCapability()
    {
        const string Name = "CapEff:";
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
        return line is not null
            && ulong.TryParse(line.AsSpan(Name.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong effective)
            && (effective >> LockCapability & 1) != 0;
    }
}

using System.Runtime.InteropServices;
using LibMultipath.Block;

namespace LibMultipath.RingBuffer.Interop;

/// <summary>
/// Sleeping on a word of memory that processes share, which may be mapped for reading only. There is no wrapper in the
/// C library.
/// </summary>
internal static unsafe partial class Futex
{
    public const int WaitOperation = 0; // FUTEX_WAIT: shared between processes
    public const int WakeOperation = 1; // FUTEX_WAKE

    public static readonly nint Number = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 or Architecture.LoongArch64 or Architecture.RiscV64 => 98,
        var other => throw new PlatformNotSupportedException($"The ring buffer does not know the system calls of {other}; it knows those of X64, Arm64, LoongArch64 and RiscV64."),
    };

    /// <summary>Sleeps while the word has a value.</summary>
    /// <param name="word">The word.</param>
    /// <param name="value">What it must have when the kernel looks.</param>
    /// <param name="milliseconds">How long at most; negative for ever.</param>
    /// <returns>0 when woken, perhaps for nothing; EAGAIN when the word had another value; ETIMEDOUT; EINTR.</returns>
    public static Errno Wait(uint* word, uint value, long milliseconds)
    {
        var time = new timespec { tv_sec = milliseconds / 1000, tv_nsec = milliseconds % 1000 * 1_000_000 };
        return Call(Number, word, WaitOperation, (nint)value, milliseconds < 0 ? null : &time, null, 0) == 0 ? Errno.None : Libc.LastError;
    }

    /// <summary>Wakes everybody who sleeps on the word.</summary>
    /// <returns>How many.</returns>
    public static int Wake(uint* word) => (int)Call(Number, word, WakeOperation, int.MaxValue, null, null, 0);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, uint* word, nint operation, nint value, timespec* time, uint* second, nint third);
}

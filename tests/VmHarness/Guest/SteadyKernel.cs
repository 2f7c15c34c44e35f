using System.Runtime.InteropServices;

namespace VmHarness.Guest;

/// <summary>
/// Keeps the kernel of a guest from patching, while tests run, code that all rings run: it does when the first ring with an
/// array of submissions comes and when the last one goes, and fio has such rings. Emulation by qemu before 8.1 may run what
/// was there in the middle of it (<see cref="Machines.GuestEnd.BrokenByEmulator"/>).
/// </summary>
internal static unsafe partial class SteadyKernel
{
    private const int IoUringSetup = 425; // __NR_io_uring_setup
    private const int ParametersSize = 120; // struct io_uring_params

    /// <summary>From now on, for as long as this process is there. It does nothing where no ring can be made.</summary>
    public static void Keep()
    {
        byte* parameters = stackalloc byte[ParametersSize];
        new Span<byte>(parameters, ParametersSize).Clear();
        _ = Call(IoUringSetup, 1, (nint)parameters);
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint entries, nint parameters);
}

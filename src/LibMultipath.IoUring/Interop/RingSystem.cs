using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Interop;

/// <summary>The system that makes rings and is entered through them: this one, or in a test one that is older, stricter or out of something.</summary>
internal unsafe class RingSystem
{
    public static readonly RingSystem Here = new();

    /// <summary>As <c>io_uring_setup</c>; on failure <see cref="Libc.LastError"/> says why.</summary>
    public virtual int Setup(uint entries, io_uring_params* parameters) => Libc.Setup(entries, parameters);

    /// <summary>As <c>io_uring_enter</c>; on failure <see cref="Libc.LastError"/> says why.</summary>
    public virtual int Enter(int ring, uint submit, uint complete, uint flags, void* argument, nuint size) =>
        Libc.Enter(ring, submit, complete, flags, argument, size);

    /// <summary>What a file of <c>/proc/sys</c> says; nothing if there is none.</summary>
    public virtual string ReadSetting(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Older kernels have no such setting.
            return "";
        }
    }
}

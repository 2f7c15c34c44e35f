using System.Runtime.InteropServices;

namespace Drivers.Tests.Kit;

/// <summary>
/// A test that needs direct I/O in the folder for temporary files. Where that cannot be, the test says so and is not
/// run; whether it can be is found out without the driver.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed partial class DirectIoFactAttribute : FactAttribute
{
    private const int ReadWrite = 2;

    private static readonly string? s_refusal = FindRefusal();

    public DirectIoFactAttribute() => Skip = s_refusal;

    private static string? FindRefusal()
    {
        int direct = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;
        using var folder = new TempFolder();
        int descriptor = Open(folder.Make("probe", 4096), ReadWrite | direct, 0);
        if (descriptor >= 0)
        {
            Close(descriptor);
            return null;
        }

        return $"No direct I/O in {Path.GetTempPath()}: {Marshal.GetLastPInvokeErrorMessage()}. Point TMPDIR at a file system that has it.";
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

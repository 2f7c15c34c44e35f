using System.Buffers.Text;
using LoopDriver;
using Microsoft.Win32.SafeHandles;

namespace BdevDriver.Devices;

/// <summary>
/// How many commands a device has failed, as the kernel counts for its SCSI disks. A command that it refused itself, because
/// the device was offline just then, is not among them: that never came to the disk, although it ends with the same error.
/// </summary>
internal sealed unsafe class DeviceErrors : IDisposable
{
    /// <summary>What a device has failed that is not counted for.</summary>
    public const long Unknown = -1;

    // 0x and sixteen digits.
    private const int MostCharacters = 32;

    private SafeFileHandle? _file;

    /// <summary>The number as of now. Any thread; a system call, and no memory.</summary>
    public long Count
    {
        get
        {
            if (Volatile.Read(ref _file) is not { } file)
            {
                return Unknown;
            }

            try
            {
                byte* text = stackalloc byte[MostCharacters];
                var vector = new IoVector { Start = text, Length = MostCharacters };
                return Parse(new ReadOnlySpan<byte>(text, (int)Math.Max(0, Libc.Read(file, &vector, 1, 0, 0))));
            }
            catch (ObjectDisposedException)
            {
                return Unknown;
            }
        }
    }

    /// <summary>Counts those of this disk from now on.</summary>
    public void Follow(DeviceFolder disk) => Replace(disk.Open("device/ioerr_cnt"));

    public void Dispose() => Replace(null);

    /// <summary>Reads the number as the kernel writes it, such as <c>0x1f</c>.</summary>
    internal static long Parse(ReadOnlySpan<byte> text) =>
        text.StartsWith("0x"u8) && Utf8Parser.TryParse(text[2..], out long number, out _, 'x') && number >= 0 ? number : Unknown;

    private void Replace(SafeFileHandle? file) => Interlocked.Exchange(ref _file, file)?.Dispose();
}

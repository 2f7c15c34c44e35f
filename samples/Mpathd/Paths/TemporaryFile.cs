using Microsoft.Win32.SafeHandles;

namespace Mpathd.Paths;

/// <summary>
/// A file that nobody else can see: its name is taken away as soon as it is there, so that it is gone with the process
/// however that ends. It can be opened any number of times through its descriptor.
/// </summary>
internal sealed class TemporaryFile : IDisposable
{
    private const string MemoryFolder = "/dev/shm";

    private readonly SafeFileHandle _handle;

    private TemporaryFile(SafeFileHandle handle)
    {
        _handle = handle;
        Path = $"/proc/self/fd/{handle.DangerousGetHandle()}";
        PathForOthers = $"/proc/{Environment.ProcessId}/fd/{handle.DangerousGetHandle()}";
    }

    /// <summary>A name for this process, valid until the file is disposed.</summary>
    public string Path { get; }

    /// <summary>A name for other processes of this user, valid as long.</summary>
    public string PathForOthers { get; }

    /// <summary>
    /// Makes a file of zeroes in the folder that TMPDIR names. Without it, in memory if there is room: a process cannot
    /// end while the kernel writes for it, and a slow disk would make an interruption wait for a flush.
    /// </summary>
    /// <param name="bytes">How large.</param>
    /// <exception cref="MpathdException">No folder can be used, or has so much space left.</exception>
    public static TemporaryFile Create(long bytes)
    {
        if (Environment.GetEnvironmentVariable("TMPDIR") is null or "")
        {
            try
            {
                return Create(MemoryFolder, bytes, spare: bytes);
            }
            catch (MpathdException)
            {
                // Then the usual folder has to do, or says why not.
                return Create(System.IO.Path.GetTempPath(), bytes, spare: 0);
            }
        }

        return Create(System.IO.Path.GetTempPath(), bytes, spare: 0);
    }

    public void Dispose() => _handle.Dispose();

    private static TemporaryFile Create(string folder, long bytes, long spare)
    {
        string name = System.IO.Path.Combine(folder, $"mpathd-{Guid.NewGuid():N}.tmp");
        string remedy = $"set TMPDIR to a folder that you may write, with {SizeText.Format(bytes)} to spare, such as TMPDIR=/var/tmp";
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            File.Delete(name);
            RandomAccess.SetLength(handle, bytes);
            long free = new DriveInfo(folder).AvailableFreeSpace;
            if (free < bytes + spare)
            {
                handle.Dispose();
                throw MpathdException.SystemLacks($"{folder} has {SizeText.Approximate(free)} left, {SizeText.Format(bytes)} are needed", remedy);
            }

            return new TemporaryFile(handle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            handle?.Dispose();
            throw MpathdException.SystemLacks($"no temporary file can be made in {folder}: {exception.Message}", remedy, exception);
        }
    }
}

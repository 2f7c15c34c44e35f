using Microsoft.Win32.SafeHandles;

namespace Mpathd.Paths;

/// <summary>
/// A file that nobody else can see: its name is taken away as soon as it is there, so that it is gone with the process
/// however that ends. It can be opened any number of times through its descriptor.
/// </summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private TemporaryFile(SafeFileHandle handle)
    {
        _handle = handle;
        Path = $"/proc/self/fd/{handle.DangerousGetHandle()}";
    }

    /// <summary>A name for this process, valid until the file is disposed.</summary>
    public string Path { get; }

    /// <summary>Makes a file of zeroes in the folder for temporary files.</summary>
    /// <param name="bytes">How large.</param>
    /// <exception cref="MpathdException">The folder cannot be used, or has not so much space left.</exception>
    public static TemporaryFile Create(long bytes)
    {
        string folder = System.IO.Path.GetTempPath();
        string name = System.IO.Path.Combine(folder, $"mpathd-{Guid.NewGuid():N}.tmp");
        string remedy = $"set TMPDIR to a folder that you may write, with {SizeText.Format(bytes)} to spare, such as TMPDIR=/var/tmp";
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            File.Delete(name);
            RandomAccess.SetLength(handle, bytes);
            long free = new DriveInfo(folder).AvailableFreeSpace;
            if (free < bytes)
            {
                handle.Dispose();
                throw MpathdException.SystemLacks($"{folder} has {SizeText.Approximate(free)} left, {SizeText.Format(bytes)} are needed", remedy);
            }

            return new TemporaryFile(handle);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            handle?.Dispose();
            throw MpathdException.SystemLacks($"no temporary file can be made in {folder}: {exception.Message}", remedy, exception);
        }
    }

    public void Dispose() => _handle.Dispose();
}

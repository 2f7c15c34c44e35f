using Microsoft.Win32.SafeHandles;

namespace Mpathd.Paths;

/// <summary>The files that loop paths are to lead to, before they do.</summary>
internal static class LoopFiles
{
    /// <summary>Makes or grows a file if that was asked for, and sees to it that it can be a disk.</summary>
    /// <param name="path">The path that was asked for.</param>
    /// <param name="create">How large the file is at least, in bytes; null to leave it alone.</param>
    /// <param name="remedy">How a file is made that is not there, or too small.</param>
    /// <exception cref="MpathdException">There is no such file, it cannot be made, or it is empty.</exception>
    public static void Prepare(LoopPathSpec path, long? create, string remedy)
    {
        if (create is { } size)
        {
            Grow(path.File, size);
        }

        var file = new FileInfo(path.File);
        if (!file.Exists && !Directory.Exists(path.File))
        {
            throw MpathdException.SystemLacks(
                $"{path.File} does not exist", $"name a file that exists, or {remedy}");
        }

        if (file is { Exists: true, Length: 0 } && file.LinkTarget is null && (file.Attributes & FileAttributes.Device) == 0)
        {
            throw MpathdException.SystemLacks($"{path.File} is empty", remedy);
        }
    }

    private static void Grow(string file, long size)
    {
        try
        {
            using SafeFileHandle handle = File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (RandomAccess.GetLength(handle) < size)
            {
                RandomAccess.SetLength(handle, size);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw MpathdException.SystemLacks(
                $"{file} cannot be made {SizeText.Format(size)} large: {exception.Message}",
                "name a file in a folder that exists and that you may write, on a file system with room for it", exception);
        }
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer.Tests.Kit;

/// <summary>Copies of descriptors of this process, which share their locks.</summary>
internal sealed partial class Copies : IDisposable
{
    private readonly SafeFileHandle[] _files;

    /// <summary>Copies them.</summary>
    /// <param name="paths">Their names below /proc/self/fd; one that is gone is left out.</param>
    public Copies(IEnumerable<string> paths) =>
        _files = [.. paths.Select(path => Duplicate(int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))).Where(copy => copy >= 0).Select(copy => new SafeFileHandle(copy, ownsHandle: true))];

    public int Count => _files.Length;

    public void Dispose() => Array.ForEach(_files, static file => file.Dispose());

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);
}

using LibMultipath.Paths;
using Mpathd.Paths;

namespace Mpathd.Demo;

/// <summary>Makes NBD paths to one file, each to a process of its own that exports it. Disposing kills the processes.</summary>
/// <remarks>One thread makes paths; any may dispose.</remarks>
internal sealed class ExportedPathMaker : IPathMaker, IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ExportProcess> _exports = [];
    private readonly List<ExportedPath> _paths = [];
    private readonly string _file;
    private readonly DirectoryInfo _folder;
    private bool _disposed;

    /// <summary>Makes the maker.</summary>
    /// <param name="file">The file, under a name that other processes of this user know it by.</param>
    /// <exception cref="MpathdException">There is no room for sockets.</exception>
    public ExportedPathMaker(string file)
    {
        _file = file;
        try
        {
            _folder = Directory.CreateTempSubdirectory("mpathd-");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw MpathdException.SystemLacks(
                $"no sockets can be made in {Path.GetTempPath()}: {exception.Message}", "set TMPDIR to a folder that you may write, such as TMPDIR=/var/tmp", exception);
        }

        // A process that is ended in the middle of it leaves nothing behind either.
        AppDomain.CurrentDomain.ProcessExit += OnExit;
    }

    public ManagedPath AddPath(MpathHead head, int number)
    {
        ExportProcess export = FreeExport();
        export.Start();
        var spec = (NbdPathSpec)PathSpecParser.Parse(export.PathSpec);
        var path = new ExportedPath(new NbdPathMaker(spec, new PathMakerOptions()).AddPath(head, number), export);
        _paths.Add(path);
        return path;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        End();
    }

    private void OnExit(object? sender, EventArgs arguments) => End();

    private ExportProcess FreeExport()
    {
        _paths.RemoveAll(path => path.Device.IsRemoved);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ExportProcess? export = _exports.Find(export => !_paths.Exists(path => path.Export == export));
            if (export is null)
            {
                export = new ExportProcess($"loop:{_file}", Path.Combine(_folder.FullName, $"{_exports.Count}"));
                _exports.Add(export);
            }

            return export;
        }
    }

    private void End()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (ExportProcess export in _exports)
            {
                export.Kill();
            }

            foreach (ExportProcess export in _exports)
            {
                export.Dispose();
            }

            if (_folder.Exists)
            {
                _folder.Delete(recursive: true);
            }
        }
    }
}

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
    private readonly DirectoryInfo? _folder;
    private bool _ended;

    /// <summary>Makes the maker.</summary>
    /// <param name="file">The file, under a name that other processes of this user know it by.</param>
    /// <exception cref="MpathdException">There is no room for sockets.</exception>
    public ExportedPathMaker(string file)
    {
        _file = file;

        // A process that is ended in the middle of it leaves nothing behind either; the middle begins here.
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        try
        {
            lock (_lock)
            {
                _folder = Directory.CreateTempSubdirectory("mpathd-");
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            AppDomain.CurrentDomain.ProcessExit -= OnExit;
            throw MpathdException.SystemLacks(
                $"no sockets can be made in {Path.GetTempPath()}: {exception.Message}", "set TMPDIR to a folder that you may write, such as TMPDIR=/var/tmp", exception);
        }
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

    /// <summary>Kills the processes, and waits until they are gone; a second call does nothing.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            End(export => export.Dispose());
        }

        // Not before: an end of the process waits for what is under way.
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
    }

    // The thread that ends the process is any, and the others go on meanwhile. None comes past the lock any more.
    private void OnExit(object? sender, EventArgs arguments)
    {
        _lock.Enter();
        End(export => export.EndWithProcess());
    }

    private ExportProcess FreeExport()
    {
        _paths.RemoveAll(path => path.Device.IsRemoved);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            ExportProcess? export = _exports.Find(export => !_paths.Exists(path => path.Export == export));
            if (export is null)
            {
                export = new ExportProcess($"loop:{_file}", Path.Combine(_folder!.FullName, $"{_exports.Count}"));
                _exports.Add(export);
            }

            return export;
        }
    }

    private void End(Action<ExportProcess> end)
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _exports.ForEach(export => export.Kill());
        _exports.ForEach(end);
        if (_folder is { Exists: true })
        {
            _folder.Delete(recursive: true);
        }
    }
}

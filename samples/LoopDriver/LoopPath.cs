using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>A path to a file.</summary>
public sealed partial class LoopPath : DescriptorPath
{
    private readonly LoopOptions _options;

    private LoopPath(string name, LoopOptions options, LoopFile file)
        : base(name, options, new LoopTarget(options), file)
    {
        _options = options;
        Identity = file.Identity;
    }

    /// <summary>Whether I/O goes past the page cache (O_DIRECT).</summary>
    public bool IsDirect => _options.Direct;

    /// <summary>What the file is, whatever its name.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Opens a file as a path.</summary>
    /// <param name="name">What people call the path.</param>
    /// <param name="options">The file, and how it is used.</param>
    /// <exception cref="BlockException">The file cannot be used; the message says why, and what to do.</exception>
    public static LoopPath Open(string name, LoopOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options with { File = System.IO.Path.GetFullPath(options.File) };
        LoopFile file = LoopFile.Open(options);
        return file.Use(() => new LoopPath(name, options, file));
    }

    /// <summary>Refuses paths that are not all to one file: a disk over them would return now the one's data, now the other's.</summary>
    /// <param name="paths">The paths that are to be one disk.</param>
    /// <exception cref="BlockException">Two are not the same file, or were of different sizes when opened (EINVAL).</exception>
    public static void EnsureSameFile(IEnumerable<LoopPath> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        LoopPath? first = null;
        foreach (LoopPath path in paths)
        {
            first ??= path;
            if (path.Identity != first.Identity)
            {
                throw new BlockException(Errno.EINVAL,
                    $"{first.File} ({first.Identity}) and {path.File} ({path.Identity}) are not the same file; the paths of a disk lead to one file");
            }

            if (path.CapacitySectors != first.CapacitySectors)
            {
                throw new BlockException(Errno.EINVAL,
                    $"{path.File} ({path.Identity}) has changed its size: {path.Name} found {path.CapacitySectors} sectors, {first.Name} found {first.CapacitySectors}; open all paths anew");
            }
        }
    }

    private protected override void EnsureSameData(IReadOnlyList<DescriptorPath> others) => EnsureSameFile([.. others.OfType<LoopPath>(), this]);

    private protected override SafeFileHandle Reopen()
    {
        LoopFile file = LoopFile.Open(_options);
        return file.Use(() => file.Identity == Identity && file.CapacitySectors == CapacitySectors
            ? file.Handle
            : throw new BlockException(Errno.ENXIO,
                $"{File} ({file.Identity}, {file.CapacitySectors} sectors) is not the file that {Name} was opened for ({Identity}, {CapacitySectors} sectors); put that one back"));
    }
}

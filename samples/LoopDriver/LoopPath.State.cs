using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Topology;

namespace LoopDriver;

// How the path comes to a head, fails and comes back.
public sealed partial class LoopPath
{
    // Paths are added one at a time, so that two of different files cannot both find the head empty.
    private static readonly Lock s_addLock = new();

    private readonly Lock _stateLock = new();
    private bool _released;

    /// <summary>The path of a head that this is the disk of; null before <see cref="AddTo"/>.</summary>
    public MpathDevice? Path { get; private set; }

    /// <summary>Whether the descriptor is closed: the path has failed, or is gone.</summary>
    public bool IsFailed => _queue.File is null;

    /// <summary>Adds the path to a head and sets it live.</summary>
    /// <param name="head">The head. Its paths, if it has any, reach the same file.</param>
    /// <param name="controller">The controller that the path goes through; paths that share one share its load.</param>
    /// <param name="numaNode">The node it is near to.</param>
    /// <param name="accessState">Its access state to begin with.</param>
    /// <returns>The path as the head sees it; <see cref="MpathHead.Remove"/> takes it away again.</returns>
    /// <exception cref="BlockException">A path of the head reaches another file (EINVAL), or the head is going (ENXIO).</exception>
    /// <exception cref="InvalidOperationException">It was added to a head before.</exception>
    public MpathDevice AddTo(
        MpathHead head,
        MpathController controller,
        int numaNode = NumaNode.None,
        MpathAccessState accessState = MpathAccessState.Optimized)
    {
        ArgumentNullException.ThrowIfNull(head);
        lock (_stateLock)
        {
            if (Path is not null)
            {
                throw new InvalidOperationException($"{Name} was added to a head before; open the file again.");
            }

            var path = new MpathDevice(controller, this, numaNode, accessState);
            lock (s_addLock)
            {
                EnsureSameFile([.. head.Paths.Select(other => other.Disk).OfType<LoopPath>(), this]);
                head.Add(path);
            }

            Path = path;
            if (!IsFailed)
            {
                path.SetLive();
            }

            return path;
        }
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

    /// <summary>
    /// The path fails: its descriptor is closed. What has not reached the kernel ends as a path failure, what is in a
    /// system call ends as it ends, and only then is the descriptor's number free. Blocks for a grace period.
    /// </summary>
    public void Fail()
    {
        lock (_stateLock)
        {
            if (!IsFailed)
            {
                // The state first, then the attempts: what they give back must not be aimed here again. An I/O that
                // every usable path has failed is over.
                Path?.SetDown();
                _queue.Close();
                _ring?.LetGo();
            }
        }
    }

    /// <summary>The path works again: the file is opened anew. Blocks for a grace period.</summary>
    /// <exception cref="BlockException">The file cannot be opened, or is not the one that it was (ENXIO). The path stays failed.</exception>
    /// <exception cref="ObjectDisposedException">The path was removed or disposed.</exception>
    public void Restore()
    {
        lock (_stateLock)
        {
            ObjectDisposedException.ThrowIf(_released, this);
            if (!IsFailed)
            {
                return;
            }

            LoopFile file = LoopFile.Open(_options);
            if (file.Identity != Identity || file.CapacitySectors != CapacitySectors)
            {
                file.Handle.Dispose();
                throw new BlockException(Errno.ENXIO,
                    $"{File} ({file.Identity}, {file.CapacitySectors} sectors) is not the file that {Name} was opened for ({Identity}, {CapacitySectors} sectors); put that one back");
            }

            _queue.Open(file.Handle);
            Path?.SetLive();
        }
    }
}

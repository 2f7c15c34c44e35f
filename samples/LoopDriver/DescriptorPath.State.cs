using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Topology;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

// How the path comes to a head, fails and comes back.
public abstract partial class DescriptorPath
{
    // Paths are added one at a time, so that two that lead elsewhere cannot both find the head empty.
    private static readonly Lock s_addLock = new();

    /// <summary>The path of a head that this is the disk of; null before <see cref="AddTo"/>.</summary>
    public MpathDevice? Path { get; private set; }

    /// <summary>Whether the descriptor is closed: the path has failed, or is gone.</summary>
    public bool IsFailed => _queue.File is null;

    /// <summary>Held by whoever makes the path fail, come back or go.</summary>
    private protected Lock StateLock { get; } = new();

    /// <summary>Whether the path has been removed or disposed. Under the lock.</summary>
    private protected bool IsReleased { get; private set; }

    /// <summary>The access state of a path that is given none.</summary>
    private protected virtual MpathAccessState FirstAccessState => MpathAccessState.Optimized;

    /// <summary>Adds the path to a head and sets it live.</summary>
    /// <param name="head">The head. Its paths, if it has any, lead to the same data.</param>
    /// <param name="controller">The controller that the path goes through; paths that share one share its load.</param>
    /// <param name="numaNode">The node it is near to.</param>
    /// <param name="accessState">Its access state to begin with; null for what the driver knows of it, or optimized.</param>
    /// <returns>The path as the head sees it; <see cref="MpathHead.Remove"/> takes it away again.</returns>
    /// <exception cref="BlockException">A path of the head leads to other data (EINVAL), or the head is going (ENXIO).</exception>
    /// <exception cref="InvalidOperationException">It was added to a head before.</exception>
    public MpathDevice AddTo(
        MpathHead head,
        MpathController controller,
        int numaNode = NumaNode.None,
        MpathAccessState? accessState = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        lock (StateLock)
        {
            if (Path is not null)
            {
                throw new InvalidOperationException($"{Name} was added to a head before; open {File} again.");
            }

            var path = new MpathDevice(controller, this, numaNode, accessState ?? FirstAccessState);
            lock (s_addLock)
            {
                EnsureSameData([.. head.Paths.Select(other => other.Disk).OfType<DescriptorPath>()]);
                head.Add(path);
            }

            Path = path;
            if (!IsFailed)
            {
                Begin(path);
            }

            return path;
        }
    }

    /// <summary>
    /// The path fails: its descriptor is closed. What has not reached the kernel ends as a path failure, what is in a
    /// system call ends as it ends, and only then is the descriptor's number free. Blocks for a grace period.
    /// </summary>
    public void Fail()
    {
        lock (StateLock)
        {
            // The state first, then the attempts: what they give back must not be aimed here again. An I/O that
            // every usable path has failed is over.
            Path?.SetDown();
            Drop();
        }
    }

    /// <summary>
    /// The descriptor is closed, as by <see cref="Fail"/>, which is to follow. Does not block: for who has just set the path
    /// down, and may not wait.
    /// </summary>
    public void Drop()
    {
        if (_queue.Close())
        {
            _ring?.LetGo();
        }
    }

    /// <summary>The path works again: what it leads to is opened anew. Blocks for a grace period.</summary>
    /// <exception cref="BlockException">It cannot be opened, or is not what it was (ENXIO). The path stays failed.</exception>
    /// <exception cref="ObjectDisposedException">The path was removed or disposed.</exception>
    public void Restore()
    {
        lock (StateLock)
        {
            ObjectDisposedException.ThrowIf(IsReleased, this);
            if (!IsFailed)
            {
                return;
            }

            _queue.Open(Reopen());
            if (Path is { } path)
            {
                Begin(path);
            }
        }
    }

    /// <summary>Refuses a head whose paths lead to other data than this one: a disk over them would return now the one's, now the other's.</summary>
    /// <exception cref="BlockException">One does (EINVAL).</exception>
    private protected abstract void EnsureSameData(IReadOnlyList<DescriptorPath> others);

    /// <summary>Opens what the path leads to once more. Under the lock.</summary>
    /// <exception cref="BlockException">It cannot be opened, or is not what it was (ENXIO).</exception>
    private protected abstract SafeFileHandle Reopen();

    /// <summary>The path has a descriptor: sets it live if it works. Under the lock.</summary>
    private protected virtual void Begin(MpathDevice path) => path.SetLive();
}

using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reclamation;

namespace LibMultipath.Disk;

/// <summary>What a head disk keeps with a bio: the path that has it, and the paths that have failed it. Its owner's.</summary>
internal sealed partial class MpathIo
{
    /// <summary>In place of a timestamp.</summary>
    public const long NotTimed = long.MinValue;

    private PathSet _failed;
    private List<int>? _everFailed;
    private Lock? _cloneLock;
    private Bio? _clone;

    /// <summary>The path of the attempt that is under way.</summary>
    public MpathDevice? Path { get; set; }

    /// <summary>The path that asked to have the bio again, when it is time.</summary>
    public MpathDevice? RetryPath { get; set; }

    /// <summary>The attempt's read section of the path.</summary>
    public SrcuToken Attempt { get; set; }

    /// <summary>
    /// The head's generation from before the path of the attempt was selected. When the path has changed since, however
    /// shortly, the head's is another.
    /// </summary>
    public long Generation { get; set; }

    /// <summary>Whether the attempt was added to its controller's load.</summary>
    public bool LoadCounted { get; set; }

    /// <summary>Whether any path has failed this submission: then the selection has to be looked at.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>With what the last path failed it.</summary>
    public BlockStatus LastError { get; private set; }

    /// <summary>Of a clone: the bio that it stands for.</summary>
    public Bio? Original { get; set; }

    /// <summary>When the bio was submitted, as a timestamp of the head's clock; <see cref="NotTimed"/> if nobody measured.</summary>
    public long SubmitTimestamp { get; set; } = NotTimed;

    /// <summary>When the attempt began, likewise.</summary>
    public long AttemptTimestamp { get; set; } = NotTimed;

    /// <summary>What somebody who watches the head keeps with the bio, from its submission to its end; nobody else's business.</summary>
    public object? Trace { get; set; }

    /// <summary>What is to be told of the attempt's end, or to have its latency kept; null if nothing is.</summary>
    public PathSelector? Selector { get; set; }

    /// <summary>When the attempt began, as a timestamp of the head's clock; only with <see cref="Selector"/>.</summary>
    public long SelectTimestamp { get; set; }

    /// <summary>The one of a bio that is with a head disk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MpathIo Of(Bio bio) => bio.StackData is MpathIo io ? io : Attach(bio);

    /// <summary>A new submission: what was known of the last one is forgotten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Restart()
    {
        HasFailed = false;
        RetryPath = null;
        SubmitTimestamp = NotTimed;
    }

    /// <summary>The path that is to be tried again, once.</summary>
    public MpathDevice? TakeRetryPath()
    {
        MpathDevice? path = RetryPath;
        RetryPath = null;
        return path;
    }

    /// <summary>Notes that the path of the attempt has failed the bio, such as the path was when the attempt began.</summary>
    public void AddFailure(MpathDevice path, BlockStatus status)
    {
        if (!HasFailed)
        {
            _failed.Clear();
            _everFailed?.Clear();
        }

        HasFailed = true;
        LastError = status;
        _failed.Add(path, Generation);

        // By number, which no other path ever has: what has gone is not kept for it.
        (_everFailed ??= []).Add(path.Number);
    }

    /// <summary>
    /// Whether a path has failed the bio before, changed or not since: one that comes back, and fails it again, must not have it
    /// for ever while another one works.
    /// </summary>
    public bool HasEverFailedOn(MpathDevice path) => HasFailed && _everFailed!.Contains(path.Number);

    /// <summary>Every usable path has failed it: all have another chance.</summary>
    public void ForgetFailures() => _everFailed!.Clear();

    /// <summary>Whether a path has failed the bio in an attempt that was begun after the last change of any path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="generation">The head's, read after the list that the path was found in.</param>
    public bool HasFailedOn(MpathDevice path, long generation) => HasFailed && _failed.Has(path, generation);

    /// <summary>A clone goes to a path in place of the bio.</summary>
    public void BeginClone(Bio clone)
    {
        _cloneLock ??= new Lock();
        lock (_cloneLock)
        {
            _clone = clone;
        }
    }

    /// <summary>The clone is back; it is nobody's before this has returned.</summary>
    public void EndClone()
    {
        lock (_cloneLock!)
        {
            _clone = null;
        }
    }

    /// <summary>
    /// Asks the driver that has the clone for it. Under the lock, so that the clone does not come back from the pool as
    /// another I/O meanwhile.
    /// </summary>
    public void AbortClone()
    {
        if (_cloneLock is not { } cloneLock)
        {
            return;
        }

        lock (cloneLock)
        {
            if (_clone is { Device: DriverDisk disk } clone)
            {
                disk.AskBack(clone.CurrentAttempt);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MpathIo Attach(Bio bio)
    {
        var io = new MpathIo();
        bio.StackData = io;
        return io;
    }
}

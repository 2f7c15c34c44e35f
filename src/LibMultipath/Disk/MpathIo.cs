using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Reclamation;

namespace LibMultipath.Disk;

/// <summary>What a head disk keeps with a bio: the path that has it, and the paths that have failed it. Its owner's.</summary>
internal sealed class MpathIo
{
    /// <summary>In place of a timestamp.</summary>
    public const long NotTimed = long.MinValue;

    private ulong _failed;
    private HashSet<MpathDevice>? _failedBeyond;
    private long _failedGeneration;

    /// <summary>The path of the attempt that is under way.</summary>
    public MpathDevice? Path { get; set; }

    /// <summary>The path that asked to have the bio again, when it is time.</summary>
    public MpathDevice? RetryPath { get; set; }

    /// <summary>The attempt's read section of the path.</summary>
    public SrcuToken Attempt { get; set; }

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

    /// <summary>The one of a bio that is with a head disk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MpathIo Of(Bio bio) => bio.StackData is MpathIo io ? io : Attach(bio);

    /// <summary>A new submission: what was known of the last one is forgotten.</summary>
    public void Restart()
    {
        HasFailed = false;
        SubmitTimestamp = NotTimed;
    }

    /// <summary>The path that is to be tried again, once.</summary>
    public MpathDevice? TakeRetryPath()
    {
        MpathDevice? path = RetryPath;
        RetryPath = null;
        return path;
    }

    /// <summary>Notes that a path has failed the bio, since the last change of any path.</summary>
    public void AddFailure(MpathDevice path, long generation, BlockStatus status)
    {
        if (!HasFailed || _failedGeneration != generation)
        {
            _failed = 0;
            _failedBeyond?.Clear();
            _failedGeneration = generation;
        }

        HasFailed = true;
        LastError = status;

        // An index stands for one path as long as no path comes or goes, and that changes the generation.
        if (path.Index is >= 0 and < 64)
        {
            _failed |= 1UL << path.Index;
        }
        else
        {
            (_failedBeyond ??= []).Add(path);
        }
    }

    /// <summary>Whether a path has failed the bio since the last change of any path.</summary>
    public bool HasFailedOn(MpathDevice path, long generation) =>
        HasFailed && _failedGeneration == generation
        && (path.Index is >= 0 and < 64 ? (_failed & (1UL << path.Index)) != 0 : _failedBeyond?.Contains(path) == true);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MpathIo Attach(Bio bio)
    {
        var io = new MpathIo();
        bio.StackData = io;
        return io;
    }
}

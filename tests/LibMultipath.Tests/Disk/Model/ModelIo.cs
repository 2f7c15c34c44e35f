using LibMultipath.Block;
using LibMultipath.Disk;

namespace LibMultipath.Tests.Disk.Model;

/// <summary>One I/O, and what has to be known to say how it may end.</summary>
internal sealed class ModelIo
{
    private readonly CancellationTokenSource? _source;
    private readonly ValueTask<BlockStatus> _task;
    private readonly bool _hasTask;
    private int _ends;
    private BlockStatus _status;

    public ModelIo(MpathDisk disk, BioFlags flags, bool cancellable, Action<ModelIo> beforeSubmission)
    {
        Disk = disk;
        Flags = flags;
        Bio = Bio.Rent(BioOp.Write, 0, new byte[512], flags);
        Bio.State = this;
        beforeSubmission(this);
        if (cancellable)
        {
            // An end too many would throw inside of the library, where it could not be missed.
            _source = new CancellationTokenSource();
            _task = disk.SubmitAsync(Bio, _source.Token);
            _hasTask = true;
            return;
        }

        Bio.EndIo = ended =>
        {
            _status = ended.Status;
            _ends++;
        };
        disk.Submit(Bio);
    }

    public Bio Bio { get; }

    public MpathDisk Disk { get; }

    public BioFlags Flags { get; }

    public bool FailsFast => (Flags & BioFlags.FailFastMask) != 0;

    public bool NoWait => (Flags & BioFlags.NoWait) != 0;

    public bool CancelRequested { get; private set; }

    public bool CanBeCancelled => _source is not null;

    public bool HasEnded => Ends > 0;

    /// <summary>Where it is; null when no driver has it.</summary>
    public ModelPath? At { get; set; }

    public ModelPath? LastPath { get; set; }

    /// <summary>When its last attempt began, in changes of paths.</summary>
    public long Generation { get; set; }

    public int Retries { get; set; }

    /// <summary>The path that asked to have it again, until it is time or the path goes.</summary>
    public ModelPath? RetryPath { get; set; }

    public TimeSpan RetryAt { get; set; }

    public bool Retrying => RetryPath is not null;

    public BlockStatus? LastError { get; set; }

    /// <summary>The paths that failed it since the last change of any path.</summary>
    public HashSet<ModelPath> FailedOn { get; } = [];

    /// <summary>The paths that failed it, changed or not since, until every usable one had.</summary>
    public HashSet<ModelPath> EverFailedOn { get; } = [];

    public int Ends => _source is null ? _ends : _hasTask && _task.IsCompleted ? 1 : 0;

    public BlockStatus Status => _source is null ? _status : Bio.Status;

    public bool IsCancelled => _source is not null && _task.IsCanceled;

    public void Cancel()
    {
        CancelRequested = true;
        _source?.Cancel();
    }

    public override string ToString() => $"{Flags}{(CanBeCancelled ? " cancellable" : "")} {(HasEnded ? Status.ToString() : "under way")}";
}

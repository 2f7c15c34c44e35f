namespace LibMultipath.Block;

/// <summary>
/// What one thread still has to submit (the kernel's <c>current->bio_list</c>). A submission from inside a
/// submission, that is from a completion, is put on the list and started by the outermost one, so that disks that
/// complete at once cannot grow the stack, however long the chain.
/// </summary>
internal sealed class SubmissionList
{
    [ThreadStatic]
    private static SubmissionList? s_current;

    private Bio? _first;
    private Bio? _last;

    /// <summary>The list of this thread.</summary>
    public static SubmissionList Current => s_current ?? Create();

    /// <summary>Whether a submission is under way on this thread.</summary>
    public bool IsActive { get; set; }

    public bool IsEmpty => _first is null;

    public void Add(Bio bio)
    {
        bio.Next = null;
        if (_last is null)
        {
            _first = bio;
        }
        else
        {
            _last.Next = bio;
        }

        _last = bio;
    }

    public void Drain()
    {
        while (_first is { } bio)
        {
            _first = bio.Next;
            if (_first is null)
            {
                _last = null;
            }

            bio.Next = null;
            bio.Owner!.Start(bio);
        }
    }

    private static SubmissionList Create() => s_current = new SubmissionList();
}

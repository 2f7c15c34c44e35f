namespace LibMultipath.Passthrough;

/// <summary>What a driver makes of a command that it was asked to begin.</summary>
public readonly struct IoctlStep
{
    private readonly int _result;
    private readonly Func<int>? _finish;

    private IoctlStep(int result, Func<int>? finish, bool needsPath)
    {
        _result = result;
        _finish = finish;
        NeedsPath = needsPath;
    }

    internal bool NeedsPath { get; }

    /// <summary>It is done.</summary>
    /// <param name="result">What the command answers: from 0 upwards its own, below it an errno.</param>
    public static IoctlStep Done(int result) => new(result, null, needsPath: false);

    /// <summary>It goes on outside of the read section, where it may block. The path stays until it has ended.</summary>
    /// <param name="finish">The rest, with the command's answer; called once.</param>
    public static IoctlStep GoOn(Func<int> finish)
    {
        ArgumentNullException.ThrowIfNull(finish);
        return new IoctlStep(0, finish, needsPath: true);
    }

    /// <summary>It goes on outside of the read section, and without the path, which may go meanwhile: with what the driver has taken hold of itself.</summary>
    /// <param name="finish">The rest, with the command's answer; called once.</param>
    public static IoctlStep GoOnWithoutPath(Func<int> finish)
    {
        ArgumentNullException.ThrowIfNull(finish);
        return new IoctlStep(0, finish, needsPath: false);
    }

    internal int Finish() => _finish?.Invoke() ?? _result;
}

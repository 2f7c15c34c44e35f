namespace Mpathd;

/// <summary>
/// Why the program cannot go on: what is wrong, what to do about it, and the exit code that says so. The one kind of
/// error that the program's own code throws; the composition root prints it and ends.
/// </summary>
internal sealed class MpathdException : Exception
{
    private MpathdException(ExitCode code, string problem, string remedy, Exception? cause)
        : base(problem, cause)
    {
        Code = code;
        Remedy = remedy;
    }

    /// <summary>How the program ends.</summary>
    public ExitCode Code { get; }

    /// <summary>What the user can do.</summary>
    public string Remedy { get; }

    /// <summary>
    /// Says it: what the system lacks in one line, which is what a log shows of a daemon that did not start; wrong
    /// arguments, of which there may be several, with the remedy in a line of its own.
    /// </summary>
    /// <param name="output">Where errors go.</param>
    /// <returns>How the program ends.</returns>
    public ExitCode Tell(TextWriter output)
    {
        output.WriteLine(Code == ExitCode.WrongArguments
            ? $"mpathd: {Message}{Environment.NewLine}mpathd: {Remedy}"
            : $"mpathd: {Message.TrimEnd('.')}; {Remedy}");
        return Code;
    }

    /// <summary>What was asked for cannot be meant.</summary>
    /// <param name="problem">The option, its value and what is wrong with it.</param>
    /// <param name="remedy">What to give instead.</param>
    public static MpathdException WrongArguments(string problem, string remedy) =>
        new(ExitCode.WrongArguments, problem, remedy, null);

    /// <summary>It was begun, and went wrong.</summary>
    /// <param name="problem">What went wrong.</param>
    /// <param name="remedy">What the user can do.</param>
    /// <param name="cause">What it was, if it was thrown.</param>
    public static MpathdException Failed(string problem, string remedy, Exception? cause = null) =>
        new(ExitCode.Failed, problem, remedy, cause);

    /// <summary>What was asked for needs something that is not there.</summary>
    /// <param name="problem">What is missing.</param>
    /// <param name="remedy">How to get it.</param>
    /// <param name="cause">What found it missing.</param>
    public static MpathdException SystemLacks(string problem, string remedy, Exception? cause = null) =>
        new(ExitCode.SystemLacks, problem, remedy, cause);
}

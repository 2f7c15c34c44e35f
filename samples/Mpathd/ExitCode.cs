namespace Mpathd;

/// <summary>How the program ends; the same for every verb.</summary>
internal enum ExitCode
{
    /// <summary>Done, and everything was right.</summary>
    Done = 0,

    /// <summary>It ran, and I/O failed or data differed.</summary>
    Failed = 1,

    /// <summary>Wrong arguments; nothing was started.</summary>
    WrongArguments = 2,

    /// <summary>The system lacks something: a file, a permission, space, a feature of the kernel.</summary>
    SystemLacks = 3,

    /// <summary>Interrupted by a signal, after a clean end.</summary>
    Interrupted = 130,
}

namespace VmHarness.Records;

/// <summary>The files of the folder that the host and the guest share.</summary>
/// <param name="Folder">The same path on both sides.</param>
public sealed record Layout(string Folder)
{
    /// <summary>The test assembly's name, and below it the ids of the cases to run, one a line.</summary>
    public string Plan => Path.Combine(Folder, "plan");

    /// <summary>A <see cref="Line"/> for everything that happens.</summary>
    public string Journal => Path.Combine(Folder, "journal");

    /// <summary>
    /// When the running case is over its limit, in seconds of the guest's clock since it came up, for the supervisor.
    /// </summary>
    public string Deadline => Path.Combine(Folder, "deadline");

    /// <summary>Standard output and error of the process that runs the tests, of its last start.</summary>
    public string Output => Path.Combine(Folder, "output");

    /// <summary>What the supervisor has seen of a process that stood still or died.</summary>
    public string Verdict => Path.Combine(Folder, "verdict");
}

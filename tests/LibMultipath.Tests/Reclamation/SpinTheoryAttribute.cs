namespace LibMultipath.Tests.Reclamation;

/// <summary>A test that runs the model checker.</summary>
internal sealed class SpinTheoryAttribute : TheoryAttribute
{
    public SpinTheoryAttribute()
    {
        Skip = !IsOnPath("spin") ? "Needs the model checker: Debian package spin."
            : !IsOnPath("cc") ? "Needs a C compiler: Debian package gcc."
            : null;
    }

    private static bool IsOnPath(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}

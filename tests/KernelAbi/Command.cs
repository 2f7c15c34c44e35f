using System.Diagnostics;

namespace KernelAbi;

/// <summary>A command that has ended, and what it printed: after a failure with its standard error.</summary>
internal sealed record Command(string Line, int Status, string Output)
{
    public static Command Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Command(string.Join(' ', [program, .. arguments]), process.ExitCode,
            process.ExitCode == 0 ? output : output + errors.Result);
    }

    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>What it printed; throws with all of it when it failed.</summary>
    public string Succeeded() => Status == 0
        ? Output
        : throw new InvalidOperationException($"{Line} ended with {Status}:\n{Output}");
}

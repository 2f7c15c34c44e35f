using System.Diagnostics;

namespace LibMultipath.Ublk.Tests.Abi;

/// <summary>
/// The user headers of Linux 7.2: in the folder that LIBMULTIPATH_KERNEL_HEADERS names, or the one that eng/vm/headers
/// prints, which has fetched them.
/// </summary>
internal static class KernelHeaders
{
    private static readonly Lazy<(string? Folder, string Why)> s_found = new(Find);

    /// <summary>The folder above <c>linux</c>; null when there is none.</summary>
    public static string? Folder => s_found.Value.Folder;

    /// <summary>Why there is none.</summary>
    public static string WhyNot => s_found.Value.Why;

    /// <summary>Compiles a C program with the headers, runs it, and gives what it printed.</summary>
    public static string[] CompileAndRun(string source)
    {
        string folder = Directory.CreateTempSubdirectory("ublk-abi-").FullName;
        try
        {
            string file = Path.Combine(folder, "abi.c"), program = Path.Combine(folder, "abi");
            File.WriteAllText(file, source);
            (int status, string output) = Run("cc", "-o", program, "-I", Folder!, "-I", Path.Combine(Folder!, "x86_64-linux-gnu"), file);
            Assert.True(status == 0, output);
            (status, output) = Run(program);
            Assert.Equal(0, status);
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (string?, string) Find()
    {
        if (!IsOnPath("cc"))
        {
            return (null, "Needs a C compiler: Debian packages gcc and libc6-dev.");
        }

        string? named = Environment.GetEnvironmentVariable("LIBMULTIPATH_KERNEL_HEADERS");
        string why = "set LIBMULTIPATH_KERNEL_HEADERS";
        if (string.IsNullOrEmpty(named) && Script() is { } script)
        {
            (int status, string output) = Run(script);
            named = status == 0 ? output.Trim().Split('\n')[^1] : null;
            why = output.Trim();
        }

        return named is not null && File.Exists(Path.Combine(named, "linux/ublk_cmd.h"))
            ? (named, "")
            : (null, $"Needs the user headers of Linux 7.2: {why}");
    }

    private static string? Script()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string script = Path.Combine(folder.FullName, "eng/vm/headers");
            if (File.Exists(script))
            {
                return script;
            }
        }

        return null;
    }

    private static (int Status, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.Result);
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}

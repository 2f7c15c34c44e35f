namespace KernelAbi;

/// <summary>
/// The user headers of Linux 7.2: in the folder that LIBMULTIPATH_KERNEL_HEADERS names, or the one that eng/vm/headers
/// prints, which has fetched them.
/// </summary>
public static class KernelHeaders
{
    private static readonly Lazy<(string? Folder, string Why)> s_found = new(Find);

    /// <summary>The folder above <c>linux</c>; null when there is none, or no C compiler.</summary>
    public static string? Folder => s_found.Value.Folder;

    /// <summary>Why there is none.</summary>
    public static string WhyNot => s_found.Value.Why;

    /// <summary>The text of one of them, such as <c>linux/ublk_cmd.h</c>.</summary>
    public static string Read(string header) => File.ReadAllText(Path.Combine(Existing, header));

    /// <summary>Compiles a C program with the headers, runs it, and gives the lines that it printed.</summary>
    internal static string[] CompileAndRun(string source)
    {
        string folder = Directory.CreateTempSubdirectory("kernel-abi-").FullName;
        try
        {
            string file = Path.Combine(folder, "abi.c"), program = Path.Combine(folder, "abi");
            File.WriteAllText(file, source);
            Command.Run("cc", "-o", program, "-I", Existing, "-I", Path.Combine(Existing, "x86_64-linux-gnu"), file).Succeeded();
            return Command.Run(program).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Existing => Folder ?? throw new InvalidOperationException(WhyNot);

    private static (string?, string) Find()
    {
        if (!Command.Exists("cc"))
        {
            return (null, "Needs a C compiler: Debian packages gcc and libc6-dev.");
        }

        string? named = Environment.GetEnvironmentVariable("LIBMULTIPATH_KERNEL_HEADERS");
        string why = "set LIBMULTIPATH_KERNEL_HEADERS";
        if (string.IsNullOrEmpty(named) && Script() is { } script)
        {
            Command fetched = Command.Run(script);
            named = fetched.Status == 0 ? fetched.Output.Trim().Split('\n')[^1] : null;
            why = fetched.Output.Trim();
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
}

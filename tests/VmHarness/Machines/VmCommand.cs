using System.Diagnostics;

namespace VmHarness.Machines;

/// <summary>The repository's <c>eng/vm/run</c>.</summary>
internal static class VmCommand
{
    private static readonly Lazy<string?> s_path = new(Find);

    /// <summary>Returns why no guest with this kernel can be booted here, or null when one can.</summary>
    public static async Task<string?> ObstacleAsync(string kernel)
    {
        if (!OperatingSystem.IsLinux() || s_path.Value is null)
        {
            return s_path.Value is null ? "there is no eng/vm/run above the test assembly" : "a guest needs a Linux host";
        }

        using var process = Start(["--check", "--kernel", kernel]);
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : (await errors).Trim();
    }

    public static Process Start(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(s_path.Value ?? "eng/vm/run")
        {
            RedirectStandardInput = true, // its end is the leash
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("eng/vm/run was not started.");
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "eng", "vm", "run");
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}

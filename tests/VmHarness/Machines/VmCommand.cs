using System.Diagnostics;

namespace VmHarness.Machines;

/// <summary>The repository's <c>eng/vm</c>.</summary>
internal static class VmCommand
{
    private static readonly Lazy<string?> s_folder = new(Find);

    /// <summary>Returns why no guest with this kernel can be booted here, or null when one can.</summary>
    public static async Task<string?> ObstacleAsync(string kernel)
    {
        if (!OperatingSystem.IsLinux() || s_folder.Value is null)
        {
            return s_folder.Value is null ? "there is no eng/vm/run above the test assembly" : "a guest needs a Linux host";
        }

        using var process = Start(["--check", "--kernel", kernel]);
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : (await errors).Trim();
    }

    /// <summary>
    /// Compiles a folder's assemblies for the guest, ahead of time. Where that cannot be done there are no images, and the
    /// guest compiles them itself, at many times the cost.
    /// </summary>
    public static async Task PrecompileAsync(string folder, string images)
    {
        using var process = Start("precompile", [folder, images]);
        await new ConsoleTail(process).EndAsync();
        await process.WaitForExitAsync();
    }

    /// <summary>Starts <c>eng/vm/run</c>.</summary>
    public static Process Start(IEnumerable<string> arguments) => Start("run", arguments);

    private static Process Start(string script, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(s_folder.Value ?? "eng/vm", script))
        {
            RedirectStandardInput = true, // its end is the leash
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"eng/vm/{script} was not started.");
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "eng", "vm");
            if (File.Exists(Path.Combine(path, "run")))
            {
                return path;
            }
        }

        return null;
    }
}

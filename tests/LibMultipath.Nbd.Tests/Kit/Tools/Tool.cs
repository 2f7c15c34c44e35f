using System.Diagnostics;

namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>Runs a program to its end. The limit is there for one that hangs.</summary>
internal static class Tool
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static ToolResult Run(string program, params string[] arguments) =>
        RunAsync(program, arguments).GetAwaiter().GetResult();

    public static Task<ToolResult> RunAsync(string program, params string[] arguments) => RunAsync(Limit, program, arguments);

    public static async Task<ToolResult> RunAsync(TimeSpan limit, string program, string[] arguments)
    {
        string line = string.Join(' ', [program, .. arguments]);
        using Process process = Spawner.Start(program, arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{line}\ndid not end within {limit.TotalSeconds:0} s; it had printed:\n{await output}{await errors}");
        }

        return new ToolResult(line, process.ExitCode, await output, await errors);
    }
}

namespace LibMultipath.Benchmarks.Quick;

/// <summary>On what the figures were found.</summary>
internal static class Processor
{
    /// <summary>The model of the processor and how many of it there are.</summary>
    public static string Name => $"{Model()}, {Environment.ProcessorCount} logical processors";

    private static string Model()
    {
        const string Key = "model name";
        const string File = "/proc/cpuinfo";
        string? line = System.IO.File.Exists(File) ? System.IO.File.ReadLines(File).FirstOrDefault(static line => line.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? "unknown processor";
    }
}

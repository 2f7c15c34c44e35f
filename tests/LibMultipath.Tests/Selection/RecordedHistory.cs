using System.Text.Json;
using System.Text.Json.Serialization;

namespace LibMultipath.Tests.Selection;

/// <summary>What happened to a real kernel's paths, and which path it picked for every single I/O.</summary>
internal sealed record RecordedHistory(string Kernel, int Paths, int Seed, IReadOnlyList<RecordedHistory.Event> Log)
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNameCaseInsensitive = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The files beside the tests.</summary>
    public static IEnumerable<string> Files =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Vectors"), "*.json").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);

    public static RecordedHistory Read(string file) =>
        JsonSerializer.Deserialize<RecordedHistory>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Vectors", file)), s_options)
        ?? throw new InvalidDataException($"{file} is empty.");

    public sealed record Event(string? Policy, int? Path, string? State, int[]? Picks, string? Reset);
}

using System.Text.Json;

namespace VmHarness.Records;

/// <summary>
/// One line of the journal that the guest writes and the host follows: a case starts (no test), one of its tests has
/// ended, or the case has finished.
/// </summary>
/// <param name="Case">The unique id of the test case, which is the same in the guest and on the host.</param>
/// <param name="Test">What became of a test; null when the case starts or finishes.</param>
/// <param name="Finished">Nothing more comes of this case.</param>
public sealed record Line(string Case, TestRecord? Test, bool Finished)
{
    public string ToJson() => JsonSerializer.Serialize(this);

    public static Line FromJson(string text) =>
        JsonSerializer.Deserialize<Line>(text) ?? throw new JsonException("An empty line in the journal of the guest.");
}

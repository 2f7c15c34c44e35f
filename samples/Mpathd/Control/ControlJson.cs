using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Mpathd.Feeding;
using Mpathd.Serving;
using Mpathd.Tracing;

namespace Mpathd.Control;

/// <summary>How requests and answers are written, one line each.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = 8)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(ServiceStatus))]
[JsonSerializable(typeof(AttributeStatus))]
[JsonSerializable(typeof(ReservationStatus))]
[JsonSerializable(typeof(IReadOnlyList<KnownSelector>))]
[JsonSerializable(typeof(TraceLine))]
[JsonSerializable(typeof(FeedReport))]
internal sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>A request as a line, with its end.</summary>
    public static byte[] Line(ControlRequest request) => [.. JsonSerializer.SerializeToUtf8Bytes(request, Default.ControlRequest), (byte)'\n'];

    /// <summary>An answer as a line, with its end.</summary>
    public static byte[] Line(ControlAnswer answer) => [.. JsonSerializer.SerializeToUtf8Bytes(answer, Default.ControlAnswer), (byte)'\n'];

    /// <summary>As <see cref="Text(ServiceStatus)"/>, of an event that was traced.</summary>
    public static string Text(TraceLine line) => JsonSerializer.Serialize(line, Default.TraceLine);

    /// <summary>What is said to a feed, as a line, with its end.</summary>
    public static byte[] Line(FeedReport report) => [.. JsonSerializer.SerializeToUtf8Bytes(report, Default.FeedReport), (byte)'\n'];

    /// <summary>A status as people's programs read it, without the end of the line.</summary>
    public static string Text(ServiceStatus status) => JsonSerializer.Serialize(status, Default.ServiceStatus);

    /// <summary>As <see cref="Text(ServiceStatus)"/>, of an attribute.</summary>
    public static string Text(AttributeStatus attribute) => JsonSerializer.Serialize(attribute, Default.AttributeStatus);

    /// <summary>As <see cref="Text(ServiceStatus)"/>, of registrations or a reservation.</summary>
    public static string Text(ReservationStatus reservation) => JsonSerializer.Serialize(reservation, Default.ReservationStatus);

    /// <summary>As <see cref="Text(ServiceStatus)"/>, of the selectors there are.</summary>
    public static string Text(IReadOnlyList<KnownSelector> selectors) => JsonSerializer.Serialize(selectors, Default.IReadOnlyListKnownSelector);

    /// <summary>Reads a request.</summary>
    /// <exception cref="MpathdException">It is not one.</exception>
    public static ControlRequest ParseRequest(ReadOnlySpan<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, Default.ControlRequest) ?? throw Malformed("it is null");
        }
        catch (JsonException exception)
        {
            throw Malformed(exception.Message);
        }
    }

    /// <summary>Reads an answer; null if it is not one.</summary>
    public static ControlAnswer? ParseAnswer(ReadOnlySpan<byte> line) => Parse(line, Default.ControlAnswer);

    /// <summary>Reads an event that was traced; null if it is not one.</summary>
    public static TraceLine? ParseTrace(ReadOnlySpan<byte> line) => Parse(line, Default.TraceLine);

    /// <summary>Reads what is said to a feed; null if it is not that.</summary>
    public static FeedReport? ParseReport(ReadOnlySpan<byte> line) => Parse(line, Default.FeedReport);

    private static T? Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static MpathdException Malformed(string why) =>
        MpathdException.WrongArguments($"the line is not a request: {why}", """send one JSON object in a line, such as {"version":1,"verb":"status"}""");
}

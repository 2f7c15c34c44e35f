using System.Text.Json.Serialization;
using Mpathd.Serving;

namespace Mpathd.Control;

/// <summary>What the daemon answers: one line of JSON. Its names are only ever added to.</summary>
internal sealed record ControlAnswer
{
    /// <summary>The version of the protocol that is spoken here.</summary>
    public int Version { get; init; } = ControlRequest.CurrentVersion;

    /// <summary>Whether what was asked for was done.</summary>
    public required bool Ok { get; init; }

    /// <summary>What was done, for people.</summary>
    public string? Message { get; init; }

    /// <summary>To <c>status</c>.</summary>
    public ServiceStatus? Status { get; init; }

    /// <summary>To <c>get</c>.</summary>
    public AttributeStatus? Attribute { get; init; }

    /// <summary>To <c>pr-read-keys</c> and <c>pr-read-reservation</c>.</summary>
    public ReservationStatus? Reservation { get; init; }

    /// <summary>To <c>selector-list</c>.</summary>
    public IReadOnlyList<KnownSelector>? Selectors { get; init; }

    /// <summary>What goes on over the connection after this; its end is the connection's.</summary>
    [JsonIgnore]
    public IControlSession? Session { get; init; }

    /// <summary>Why it was not done.</summary>
    public ControlError? Error { get; init; }

    /// <summary>It was done.</summary>
    public static ControlAnswer Done(string message) => new() { Ok = true, Message = message };

    /// <summary>It was not done.</summary>
    public static ControlAnswer Refused(MpathdException why) => new()
    {
        Ok = false,
        Error = new ControlError { ExitCode = (int)why.Code, Problem = why.Message, Remedy = why.Remedy },
    };
}

using Microsoft.Extensions.Logging;

namespace LibMultipath.Reservations;

/// <summary>What is said of reservations. The event ids are stable: 500 to 599 are this folder's.</summary>
internal static partial class ReservationsLog
{
    [LoggerMessage(500, LogLevel.Information, "{Head}: found registered with the key 0x{Key:x} on {Paths} paths; the others are brought into line")]
    public static partial void FoundRegistered(this ILogger logger, string head, ulong key, int paths);

    [LoggerMessage(501, LogLevel.Warning, "{Head}: the key 0x{Key:x} was taken away; the disk is not registered any more")]
    public static partial void RegistrationLost(this ILogger logger, string head, ulong key);

    [LoggerMessage(502, LogLevel.Warning, "{Head}: {Path} cannot be brought into line ({Status}) and is not used; trying again ({Suppressed} more not shown)")]
    public static partial void NotInLine(this ILogger logger, string head, string path, PrStatus status, int suppressed);

    [LoggerMessage(503, LogLevel.Error, "{Head}: the driver of {Path} threw in a reservation's {Operation}")]
    public static partial void DriverThrew(this ILogger logger, Exception exception, string head, string path, string operation);

    [LoggerMessage(504, LogLevel.Warning, "{Head}: I/O was held for {Limit} and goes on although the registrations are not settled")]
    public static partial void HeldTooLong(this ILogger logger, string head, TimeSpan limit);

    [LoggerMessage(505, LogLevel.Error, "{Head}: bringing paths into line threw")]
    public static partial void AdmissionFaulted(this ILogger logger, Exception exception, string head);
}

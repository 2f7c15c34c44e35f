using LibMultipath.Block;
using LibMultipath.IoUring;
using LibMultipath.Ublk.Control;

namespace Mpathd.Ublk;

/// <summary>What ublk and its rings refuse, as the program says it: what is missing is one thing, what went wrong another.</summary>
internal static class UblkProblems
{
    private const string NoRemedy = "mpathd ublk list shows the devices there are";

    /// <summary>Whether this is one of them.</summary>
    public static bool Covers(Exception exception) => exception is UblkException or RingException or BlockException or ArgumentException;

    /// <summary>Says it.</summary>
    /// <param name="exception">One that is covered.</param>
    public static MpathdException Of(Exception exception) => exception switch
    {
        UblkException { Kind: UblkErrorKind.Timeout } ublk => MpathdException.Failed(Problem(ublk, ublk.Remedy), ublk.Remedy ?? NoRemedy, ublk),
        UblkException ublk => MpathdException.SystemLacks(Problem(ublk, ublk.Remedy), ublk.Remedy ?? NoRemedy, ublk),
        RingException ring => MpathdException.SystemLacks(Problem(ring, ring.Remedy), ring.Remedy ?? "use a kernel with io_uring", ring),
        ArgumentException => MpathdException.WrongArguments(exception.Message, "mpathd serve --help shows what there is, with examples"),
        _ => MpathdException.Failed(exception.Message, NoRemedy, exception),
    };

    // The message ends with the remedy, which is said apart.
    private static string Problem(Exception exception, string? remedy)
    {
        string end = $"; {remedy}";
        return remedy is not null && exception.Message.EndsWith(end, StringComparison.Ordinal) ? exception.Message[..^end.Length] : exception.Message;
    }
}

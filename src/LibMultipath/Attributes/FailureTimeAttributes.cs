using System.Globalization;
using LibMultipath.Paths;

namespace LibMultipath.Attributes;

/// <summary>Makes the attributes of the times that are waited when something does not work: in seconds, as the kernel's.</summary>
internal static class FailureTimeAttributes
{
    private const string Off = "off";

    /// <summary>The attributes of a head or of a path.</summary>
    /// <param name="get">Gives the times that hold.</param>
    /// <param name="change">Changes some of those that are given.</param>
    public static IEnumerable<MpathAttributeNode> Of(Func<FailureTimes> get, Action<Func<FailureTimes, FailureTimes>> change)
    {
        yield return new MpathAttribute(AttributeNames.ReconnectDelay, () => Format(get().ReconnectDelay), text =>
        {
            TimeSpan delay = Parse(text, least: 1);
            change(times => times with { ReconnectDelay = delay });
        });
        yield return new MpathAttribute(AttributeNames.FastIoFail, () => Format(get().FastIoFail), text =>
        {
            TimeSpan time = ParseOrOff(text);
            change(times => times with { FastIoFail = time });
        });
        yield return new MpathAttribute(AttributeNames.Loss, () => Format(get().Loss), text =>
        {
            TimeSpan time = ParseOrOff(text);
            change(times => times with { Loss = time });
        });
    }

    // A program may have set what is no whole second.
    private static string? Format(TimeSpan? time) =>
        time == Timeout.InfiniteTimeSpan ? Off : time?.TotalSeconds.ToString("0.#######", CultureInfo.InvariantCulture);

    private static TimeSpan ParseOrOff(string text) => text is Off or "-1"
        ? Timeout.InfiniteTimeSpan
        : Parse(text, least: 0, ", off or -1");

    private static TimeSpan Parse(string text, ulong least, string orElse = "") =>
        KernelNumber.TryParse(text, DelayedRemoval.MaxSeconds, out ulong seconds) && seconds >= least
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"give a number of seconds from {least} to {DelayedRemoval.MaxSeconds}{orElse}");
}

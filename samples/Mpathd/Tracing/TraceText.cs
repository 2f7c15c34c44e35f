using System.Globalization;

namespace Mpathd.Tracing;

/// <summary>An event as people read it, in a line.</summary>
internal static class TraceText
{
    public static string Of(TraceLine line) => string.Create(
        CultureInfo.InvariantCulture, $"{line.Time.ToLocalTime():HH:mm:ss.ffffff} {line.Point,-20} {What(line)}").TrimEnd();

    private static string What(TraceLine line) => line switch
    {
        { Count: { } count } => Text($"{count} events, because they were not read fast enough; trace fewer points"),
        { Outcome: { } outcome } => $"{Bio(line)} on {line.Path}: {outcome}{(line.Status == "ok" ? "" : $", {line.Status}")}",
        { Op: not null, Path: { } path, Status: { } status } => $"{Bio(line)} on {path}: {status}",
        { Op: not null, Path: { } path } => $"{Bio(line)} -> {path}",
        { Op: not null, Status: { } status } => $"{Bio(line)}: {status}",
        { Op: not null } => Bio(line),
        { AccessState: { } state } => $"{line.Path}: {state}{(line.Usable == true ? "" : ", not usable")}",
        { Node: { } node } => Text($"node {node}: {line.OldPath ?? "none"} -> {line.Path ?? "none"}"),
        { Policy: { } policy } => $"{line.OldPolicy} -> {policy}",
        { Seconds: { } seconds } => Text($"in {seconds} s"),
        _ => "",
    };

    private static string Bio(TraceLine line) => Text($"{line.Op} {line.Bytes} at {line.Sector}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

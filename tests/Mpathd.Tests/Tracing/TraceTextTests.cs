using Mpathd.Tracing;

namespace Mpathd.Tests.Tracing;

public sealed class TraceTextTests
{
    private static readonly TraceLine s_any = new() { Time = new DateTime(2026, 11, 22, 15, 4, 5, 123, 456, DateTimeKind.Local), Point = "point" };

    [Fact]
    public void Each_kind_of_event_is_a_line_for_people()
    {
        TraceLine bio = s_any with { Op = "read", Sector = 8, Bytes = 4096 };
        AssertText("read 4096 at 8", bio);
        AssertText("read 4096 at 8 -> loop0", bio with { Path = "loop0" });
        AssertText("read 4096 at 8 on loop0: done", bio with { Path = "loop0", Outcome = "done", Status = "ok" });
        AssertText("read 4096 at 8 on loop0: path-error, transport", bio with { Path = "loop0", Outcome = "path-error", Status = "transport" });
        AssertText("read 4096 at 8 on loop0: transport", bio with { Path = "loop0", Status = "transport" });
        AssertText("read 4096 at 8: io-error", bio with { Status = "io-error" });
        AssertText("loop0: optimized", s_any with { Path = "loop0", AccessState = "optimized", Usable = true });
        AssertText("loop0: optimized, not usable", s_any with { Path = "loop0", AccessState = "optimized", Usable = false });
        AssertText("node 1: none -> loop0", s_any with { Node = 1, Path = "loop0" });
        AssertText("node 0: loop0 -> none", s_any with { Node = 0, OldPath = "loop0" });
        AssertText("numa -> latency:probe=5", s_any with { OldPolicy = "numa", Policy = "latency:probe=5" });
        AssertText("in 60 s", s_any with { Seconds = 60 });
        AssertText("12 events, because they were not read fast enough; trace fewer points", s_any with { Count = 12 });
        AssertText("", s_any);
    }

    [Fact]
    public void Points_are_found_by_name_each_once()
    {
        Assert.Equal(["bio-ended", "failed-over"], TracePoint.Find(["bio-ended", "failed-over", "bio-ended"]).Select(point => point.Name));
        Assert.Equal(TracePoint.All, TracePoint.Find(["bio-ended", "all"]).OrderBy(point => TracePoint.All.ToList().IndexOf(point)));
        Assert.DoesNotContain(TracePoint.Find([]), point => point.IsOfEveryIo);
        Assert.Contains("bio-remapped, attempt-ended", Assert.Throws<FormatException>(() => TracePoint.Find(["bio"])).Message);
    }

    [Fact]
    public void Every_hook_point_of_a_head_is_one() => Assert.Equal(
        typeof(LibMultipath.Paths.MpathHooks).GetProperties().Select(property => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(property.Name)).Order(),
        TracePoint.All.Select(point => point.Name).Order());

    private static void AssertText(string expected, TraceLine line) => Assert.Equal($"15:04:05.123456 point                {expected}".TrimEnd(), TraceText.Of(line));
}

using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Selection;

/// <summary>Every pick that Linux 7.2 made is ours too.</summary>
public sealed class RecordedHistoryTests
{
    public static TheoryData<string> Files => [.. RecordedHistory.Files];

    [Fact]
    public void There_are_1491_recorded_picks()
    {
        string[] ours = ["nvme-7.2-p2-s101.json", "nvme-7.2-p3-s102.json", "nvme-7.2-p4-s103.json"];

        Assert.Subset(RecordedHistory.Files.ToHashSet(), ours.ToHashSet());
        Assert.Equal(1491, ours.Sum(file => RecordedHistory.Read(file).Log.Sum(each => each.Picks?.Length ?? 0)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void The_disk_sends_every_io_where_the_kernel_sent_it(string file) => Replay(file, rig => rig.Pick());

    [Theory]
    [MemberData(nameof(Files))]
    public void The_head_selects_what_the_kernel_selected(string file) => Replay(file, rig =>
    {
        using PathSelection selection = rig.Head.SelectPath();
        return rig.Paths.ToList().IndexOf(selection.Path!);
    });

    private static void Replay(string file, Func<Rig, int> pick)
    {
        RecordedHistory history = RecordedHistory.Read(file);
        using Rig rig = new(history.Paths);
        for (int i = 0; i < history.Log.Count; i++)
        {
            RecordedHistory.Event happened = history.Log[i];
            if (happened.Policy is { } policy)
            {
                rig.Head.Policy.Set(IoPolicies.Parse(policy));
            }
            else if (happened.Reset is { } reset)
            {
                Assert.Equal("all optimized", reset);
                foreach (MpathDevice path in rig.Paths)
                {
                    path.AccessState = MpathAccessState.Optimized;
                }
            }
            else if (happened.Path is { } number)
            {
                rig.Paths[number].AccessState = StateOf(happened.State!);
            }
            else
            {
                int[] ours = [.. happened.Picks!.Select(_ => pick(rig))];
                Assert.True(happened.Picks!.SequenceEqual(ours), $"{file}, event {i}: the kernel picked {string.Join(' ', happened.Picks!)}, we {string.Join(' ', ours)}.");
            }

            rig.Work.RunAll();
        }
    }

    private static MpathAccessState StateOf(string state) => state switch
    {
        "optimized" => MpathAccessState.Optimized,
        "non-optimized" => MpathAccessState.NonOptimized,
        "inaccessible" => MpathAccessState.Other,
        _ => throw new InvalidDataException($"There is no state '{state}'."),
    };
}

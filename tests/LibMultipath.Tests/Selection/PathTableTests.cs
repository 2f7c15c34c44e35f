using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Tests.Paths;

namespace LibMultipath.Tests.Selection;

public sealed class PathTableTests
{
    private readonly PathTable<long> _table = new();

    [Fact]
    public void Each_path_of_each_head_has_a_place_of_its_own()
    {
        using Rig one = new(40);
        using Rig two = new(40);
        PathView[] paths = [.. one.Paths.Concat(two.Paths).Select(path => new PathView(path))];
        for (int i = 0; i < paths.Length; i++)
        {
            _table[paths[i]] = i + 1;
        }

        Assert.Equal(Enumerable.Range(1, 80).Select(i => (long)i), paths.Select(path => _table[path]));
    }

    [Fact]
    public void A_reference_to_a_place_stays_good_when_the_table_grows()
    {
        using Rig one = new(1);
        ref long place = ref _table[new PathView(one.Paths[0])];
        using Rig many = new(100);
        foreach (MpathDevice path in many.Paths)
        {
            _table[new PathView(path)] = 1;
        }

        place = 7;

        Assert.Equal(7, _table[new PathView(one.Paths[0])]);
    }

    [Fact]
    public void A_path_that_gets_the_place_of_another_one_finds_nothing_there()
    {
        var slots = new HashSet<int>();
        bool again = false;
        for (int i = 0; i < 1000 && !again; i++)
        {
            // Other tests take places and give them back meanwhile.
            using Rig rig = new(2);
            foreach (MpathDevice path in rig.Paths)
            {
                var view = new PathView(path);
                again |= !slots.Add(view.Slot);
                Assert.Equal(0, _table[view]);
                _table[view] = 7;
            }

            rig.Head.Remove(rig.Paths[0]);
        }

        Assert.True(again, "No path got the place of another one.");
    }

    [Fact]
    public void There_is_no_place_for_no_path() => Assert.Throws<ArgumentException>(() => _table[default]);
}

using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;
using LibMultipath.Topology;

namespace LibMultipath.Tests.Paths;

/// <summary>What is written on every I/O shares no cache line, and no pair of lines, with anything else.</summary>
public class LayoutTests
{
    // What the adjacent-line prefetcher fetches together. An object begins at any multiple of 8, so nothing within this
    // distance of a field, before it and behind it, may be another's.
    private const int LinePair = 128;

    [Fact]
    public void Nothing_is_within_a_pair_of_lines_of_a_current_path()
    {
        CurrentPath current = default;
        AssertAlone(ref Unsafe.As<CurrentPath, byte>(ref current), Unsafe.SizeOf<CurrentPath>(), ref Unsafe.As<MpathDevice?, byte>(ref current.Path), Unsafe.SizeOf<MpathDevice?>());
    }

    [Fact]
    public void Nothing_is_within_a_pair_of_lines_of_a_load()
    {
        ControllerLoad load = default;
        AssertAlone(ref Unsafe.As<ControllerLoad, byte>(ref load), Unsafe.SizeOf<ControllerLoad>(), ref Unsafe.As<int, byte>(ref load.Count), sizeof(int));
    }

    [Fact]
    public void The_current_paths_of_two_nodes_are_two_pairs_of_lines_apart()
    {
        using var head = new MpathHead("layout", new Template(), new MpathHeadOptions { Topology = new FixedNumaTopology(2) });
        Assert.Equal(2 * LinePair, Unsafe.ByteOffset(ref head.Current(0), ref head.Current(1)));
    }

    [Fact]
    public void The_load_of_a_controller_is_far_from_its_other_fields()
    {
        var controller = new MpathController(0);
        ref byte load = ref Unsafe.As<int, byte>(ref LoadOf(controller).Count);
        Assert.InRange(Distance(ref load, ref Unsafe.As<MpathControllerState, byte>(ref StateOf(controller))), LinePair, long.MaxValue);
        Assert.InRange(Distance(ref load, ref Unsafe.As<int, byte>(ref IdOf(controller))), LinePair, long.MaxValue);
    }

    [Fact]
    public void Selection_finds_the_state_and_the_index_of_a_path_beside_each_other()
    {
        var path = new MpathDevice(new MpathController(0), new Disk());
        ref byte state = ref Unsafe.As<int, byte>(ref StateOf(path));
        Assert.InRange(Distance(ref state, ref Unsafe.As<int, byte>(ref IndexOf(path))), sizeof(int), 16);
    }

    private static void AssertAlone(ref byte begin, int size, ref byte field, int fieldSize)
    {
        long before = Unsafe.ByteOffset(ref begin, ref field);
        Assert.InRange(before, LinePair - sizeof(long), size);
        Assert.InRange(size - before - fieldSize, LinePair - sizeof(long), size);
    }

    private static long Distance(ref byte one, ref byte other) => Math.Abs(Unsafe.ByteOffset(ref one, ref other));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_load")]
    private static extern ref ControllerLoad LoadOf(MpathController controller);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_state")]
    private static extern ref MpathControllerState StateOf(MpathController controller);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Id>k__BackingField")]
    private static extern ref int IdOf(MpathController controller);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_state")]
    private static extern ref int StateOf(MpathDevice path);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Index>k__BackingField")]
    private static extern ref int IndexOf(MpathDevice path);

    private sealed class Disk() : DriverDisk("disk", capacitySectors: 8)
    {
        protected override void SubmitBio(BioAttempt attempt) => attempt.Complete(BlockStatus.Ok);
    }

    private sealed class Template : IMpathHeadTemplate
    {
        public MpathIoPolicy Policy { get; } = IoPolicies.Create();

        public bool AvailablePath(MpathDevice path) => false;

        public void RereadState(MpathDevice path)
        {
        }
    }
}

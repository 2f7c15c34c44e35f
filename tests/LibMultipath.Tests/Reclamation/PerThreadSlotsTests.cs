using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Reclamation;
using LibMultipath.Tests.Kit;

namespace LibMultipath.Tests.Reclamation;

public sealed class PerThreadSlotsTests
{
    [Theory]
    [InlineData(typeof(PerThreadSlot))]
    [InlineData(typeof(SrcuSlot))]
    public void A_slot_is_128_bytes_of_whole_words(Type slot)
    {
        Assert.Equal(128, PerThreadSlot.Size);
        Assert.Equal(PerThreadSlot.Size, Marshal.SizeOf(slot));
        FieldInfo[] words = slot.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);
        Assert.Equal(PerThreadSlot.Size, words.Sum(static field => field.GetCustomAttribute<FixedBufferAttribute>()!.Length * sizeof(long)));
        Assert.All(words, static field => Assert.Equal(typeof(long), field.GetCustomAttribute<FixedBufferAttribute>()!.ElementType));
    }

    [Theory]
    [InlineData(nameof(SrcuSlot.Locks), SrcuSlot.FirstLock, 2)]
    [InlineData(nameof(SrcuSlot.Unlocks), SrcuSlot.FirstUnlock, 2)]
    [InlineData(nameof(SrcuSlot.Counters), SrcuSlot.FirstCounter, SrcuSlot.CounterCount)]
    public void The_words_of_a_slot_are_where_the_sums_look(string field, int word, int count)
    {
        Assert.Equal(word * sizeof(long), (int)Marshal.OffsetOf<SrcuSlot>(field));
        FieldInfo info = typeof(SrcuSlot).GetField(field, BindingFlags.Instance | BindingFlags.NonPublic)!;
        Assert.Equal(count, info.GetCustomAttribute<FixedBufferAttribute>()!.Length);
    }

    [Fact]
    public void A_token_is_an_integer_in_a_release_build()
    {
#if DEBUG
        Assert.NotEqual(sizeof(int), Unsafe.SizeOf<SrcuToken>());
#else
        Assert.Equal(sizeof(int), Unsafe.SizeOf<SrcuToken>());
#endif
    }

    [Fact]
    public void Slots_are_apart_and_aligned()
    {
        PerThreadCounters counters = new();
        using Barrier together = new(16);
        OtherThread[] threads =
        [
            .. Enumerable.Range(0, 16).Select(_ => OtherThread.Start(() =>
            {
                counters.Add(0, 1);
                // Alive at the same time, so that no two can have the same slot.
                together.SignalAndWait();
            })),
        ];
        Array.ForEach(threads, static thread => thread.Join());
        nint[] slots = counters.SlotAddresses();
        Assert.Equal(17, slots.Length);
        Assert.Equal(17, slots.Distinct().Count());
        Assert.All(slots, static slot => Assert.Equal(0, slot % PerThreadSlot.Size));
    }

    [Fact]
    public void A_thread_has_one_number_and_one_slot_for_good()
    {
        PerThreadCounters counters = new();
        OtherThread.Run(() =>
        {
            int number = ThreadIndex.Ensure();
            Assert.NotEqual(0, number);
            for (int i = 0; i < 10; i++)
            {
                counters.Add(0, 1);
                Assert.Equal(number, ThreadIndex.Ensure());
                Assert.Equal(2, counters.SlotAddresses().Length);
            }
        });
    }

    [Fact]
    public void Threads_that_live_at_the_same_time_have_different_numbers()
    {
        ConcurrentBag<int> numbers = [];
        using Barrier together = new(32);
        OtherThread[] threads =
        [
            .. Enumerable.Range(0, 32).Select(_ => OtherThread.Start(() =>
            {
                numbers.Add(ThreadIndex.Ensure());
                together.SignalAndWait();
            })),
        ];
        Array.ForEach(threads, static thread => thread.Join());
        Assert.Equal(32, numbers.Distinct().Count());
        Assert.DoesNotContain(0, numbers);
    }

    [Fact]
    public void A_thread_that_dies_gives_its_number_back()
    {
        HashSet<int> given = [];
        Eventually.True(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                // Each of these threads is new and dead right after: whatever comes twice was given back.
                return !given.Add(OtherThread.Run(ThreadIndex.Ensure));
            },
            "the number of a dead thread to be given out again");
    }

    [Fact]
    public void Threads_that_come_and_go_do_not_add_slots_without_end()
    {
        PerThreadCounters counters = new();
        for (int i = 0; i < 400; i++)
        {
            OtherThread.Run(() => counters.Add(0, 1));
            if (i % 20 == 19)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
        Assert.Equal(400, counters.Sum(0));
        Assert.InRange(counters.SlotAddresses().Length, 1, 200);
    }
}

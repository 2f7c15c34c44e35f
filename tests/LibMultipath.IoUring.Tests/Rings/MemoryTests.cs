using System.Globalization;
using LibMultipath.IoUring.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Rings;

public sealed unsafe class MemoryTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Memory_that_is_given_back_is_zeroes_again_locked_or_not(bool locked)
    {
        using MappedMemory memory = MappedMemory.Anonymous(4 * 4096);
        if (locked)
        {
            Native.Lock(memory.Address, memory.Length);
        }

        new Span<byte>(memory.Address, (int)memory.Length).Fill(42);
        memory.Discard();
        Assert.Equal(-1, new ReadOnlySpan<byte>(memory.Address, (int)memory.Length).IndexOfAnyExcept((byte)0));
    }

    [Fact]
    public void Memory_takes_no_more_than_the_pages_that_are_touched_whatever_huge_pages_the_system_gives()
    {
        const int HugePage = 2 << 20;
        using MappedMemory memory = MappedMemory.Anonymous(16 * HugePage);
        for (int touched = 0; touched < 16; touched++)
        {
            memory.Address[touched * HugePage] = 1;
        }

        Assert.Equal(16, Native.PagesIn(memory.Address, memory.Length));
        Assert.True(!Directory.Exists("/sys/kernel/mm/transparent_hugepage") || FlagsOf((ulong)memory.Address).Contains("nh"));
    }

    private static string[] FlagsOf(ulong address)
    {
        bool found = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0].Split('-') is [var first, var end])
            {
                found = address >= ulong.Parse(first, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                    && address < ulong.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
            else if (found && words[0] == "VmFlags:")
            {
                return words;
            }
        }

        return [];
    }
}

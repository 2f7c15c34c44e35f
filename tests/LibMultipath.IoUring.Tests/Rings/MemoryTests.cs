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
}

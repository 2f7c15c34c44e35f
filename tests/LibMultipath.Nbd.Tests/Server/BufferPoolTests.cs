using LibMultipath.Nbd.Server;

namespace LibMultipath.Nbd.Tests.Server;

public sealed class BufferPoolTests : IDisposable
{
    private const int Limit = 1 << 20;

    private readonly BufferPool _pool = new(Limit);

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(65536, 65536)]
    [InlineData(32 << 20, 32 << 20)]
    public void Memory_comes_in_powers_of_two_from_a_page_on(int length, int size) => Assert.Equal(size, BufferPool.SizeFor(length));

    [Fact]
    public void Memory_begins_at_a_page_and_is_used_again()
    {
        nint first = _pool.Rent(10_000);
        Assert.Equal(0, first % 4096);
        _pool.Return(first, 10_000);

        Assert.Equal(first, _pool.Rent(16_384));
        Assert.Equal(16_384, _pool.Allocated);
        _pool.Return(first, 16_384);
    }

    [Fact]
    public void What_is_kept_makes_room_for_what_is_needed()
    {
        nint[] small = [.. Enumerable.Range(0, 64).Select(_ => _pool.Rent(16_384))];
        Array.ForEach(small, buffer => _pool.Return(buffer, 16_384));
        Assert.Equal(Limit, _pool.Allocated);

        nint large = _pool.Rent(Limit / 2);

        Assert.InRange(_pool.Allocated, Limit / 2, Limit);
        _pool.Return(large, Limit / 2);
    }

    [Fact]
    public void What_nobody_has_needed_since_the_last_time_is_freed()
    {
        nint used = _pool.Rent(4096);
        nint spare = _pool.Rent(8192);
        _pool.Return(used, 4096);
        _pool.Return(spare, 8192);
        _pool.Trim();
        Assert.Equal(4096 + 8192, _pool.Allocated);

        _pool.Return(_pool.Rent(4096), 4096);
        _pool.Trim();

        Assert.Equal(4096, _pool.Allocated);
    }

    [Fact]
    public void What_comes_back_after_the_end_is_freed()
    {
        nint buffer = _pool.Rent(4096);
        _pool.Dispose();

        _pool.Return(buffer, 4096);

        Assert.Equal(0, _pool.Allocated);
    }
}

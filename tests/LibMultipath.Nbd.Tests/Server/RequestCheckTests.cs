using LibMultipath.Nbd.Protocol;
using LibMultipath.Nbd.Server;

namespace LibMultipath.Nbd.Tests.Server;

public sealed class RequestCheckTests
{
    private const long Bytes = 1L << 40;
    private const NbdExportFlags All = NbdExportFlags.HasFlags | NbdExportFlags.SendTrim | NbdExportFlags.SendWriteZeroes | NbdExportFlags.SendDf;

    private static readonly ExportShape s_shape = new(Bytes, All, 4096, 4096, 1 << 20);

    [Theory]
    [InlineData((int)NbdCommand.Read, 0, Bytes - 4096, 4096u)]
    [InlineData((int)NbdCommand.Read, 1 << 2, 0, 1u << 20)] // DF
    [InlineData((int)NbdCommand.Read, 1, 0, 4096u)] // FUA, which a client may set everywhere
    [InlineData((int)NbdCommand.Write, 1, 0, 1u << 20)]
    [InlineData((int)NbdCommand.Flush, 0, 0, 0u)]
    [InlineData((int)NbdCommand.Flush, 0, 12345, 0u)]
    [InlineData((int)NbdCommand.Trim, 1, 0, 1u << 31)]
    [InlineData((int)NbdCommand.WriteZeroes, 1 | 2 | 16, 0, uint.MaxValue - 4095)]
    public void What_was_offered_is_taken(int command, int flags, long offset, uint length) => Assert.Null(Refuse(command, flags, offset, length));

    [Theory]
    [InlineData((int)NbdCommand.Read, 0, 0, 0u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Read, 0, 0, (1u << 20) + 4096, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Read, 0, Bytes, 4096u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Read, 0, -4096L, 4096u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Read, 0, -4096L, 8192u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Read, 0, 512, 4096u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Read, 0, 0, 512u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Read, 2, 0, 4096u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Write, 4, 0, 4096u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Write, 0, Bytes - 4096, 8192u, NbdError.NoSpace)]
    [InlineData((int)NbdCommand.Trim, 0, Bytes - 4096, 8192u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.WriteZeroes, 0, Bytes - 4096, 8192u, NbdError.NoSpace)]
    [InlineData((int)NbdCommand.WriteZeroes, 32, 0, 4096u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.Cache, 0, 0, 4096u, NbdError.Invalid)]
    [InlineData((int)NbdCommand.BlockStatus, 0, 0, 4096u, NbdError.Invalid)]
    [InlineData(4711, 0, 0, 4096u, NbdError.Invalid)]
    public void What_was_not_is_refused(int command, int flags, long offset, uint length, uint error) => Assert.Equal(error, Refuse(command, flags, offset, length)?.Error);

    [Fact]
    public void Fast_zeroes_are_not_supported_where_zeroes_are_not()
    {
        ExportShape plain = s_shape with { Flags = NbdExportFlags.HasFlags };

        Assert.Equal(NbdError.NotSupported, RequestCheck.Refuse(new NbdRequest(NbdCommand.WriteZeroes, NbdCommandFlags.FastZero, 1, 0, 4096), plain)?.Error);
        Assert.Equal(NbdError.Invalid, RequestCheck.Refuse(new NbdRequest(NbdCommand.WriteZeroes, NbdCommandFlags.None, 1, 0, 4096), plain)?.Error);
        Assert.Equal(NbdError.Invalid, RequestCheck.Refuse(new NbdRequest(NbdCommand.Trim, NbdCommandFlags.None, 1, 0, 4096), plain)?.Error);
        Assert.Equal(NbdError.Invalid, RequestCheck.Refuse(new NbdRequest(NbdCommand.Read, NbdCommandFlags.DontFragment, 1, 0, 4096), plain)?.Error);
    }

    [Theory]
    [InlineData((int)NbdCommand.Write)]
    [InlineData((int)NbdCommand.Trim)]
    [InlineData((int)NbdCommand.WriteZeroes)]
    public void Nothing_is_written_where_only_reads_are_allowed(int command)
    {
        ExportShape locked = s_shape with { Flags = NbdExportFlags.HasFlags | NbdExportFlags.ReadOnly };

        Assert.Equal(NbdError.Perm, RequestCheck.Refuse(new NbdRequest((NbdCommand)command, NbdCommandFlags.None, 1, 0, 4096), locked)?.Error);
    }

    private static Refusal? Refuse(int command, int flags, long offset, uint length) =>
        RequestCheck.Refuse(new NbdRequest((NbdCommand)command, (NbdCommandFlags)flags, 1, (ulong)offset, length), s_shape);
}

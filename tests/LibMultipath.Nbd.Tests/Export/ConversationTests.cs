using System.Text;
using LibMultipath.Block;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Export;

/// <summary>What the export answers, byte by byte.</summary>
public sealed class ConversationTests : IDisposable
{
    private const int Size = 1 << 20;

    private readonly TempFolder _folder = new();
    private readonly ExportRig _rig;

    public ConversationTests()
    {
        _rig = new ExportRig(_folder, Size);
        new Random(1).NextBytes(_rig.Memory);
    }

    public void Dispose()
    {
        _rig.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reads_and_writes_in_either_form(bool structured)
    {
        using RawClient client = _rig.Client(structured);
        byte[] data = Data.Random(65536, 2);

        client.WriteAt(4096, data);

        Assert.Equal((ulong)Size, client.Size);
        Assert.Equal(NbdWire.Everything, (ushort)(client.Flags & NbdWire.Everything));
        Assert.Equal(data, client.ReadAt(4096, data.Length));
        Assert.Equal(_rig.Memory[..4096], client.ReadAt(0, 4096));
    }

    [Theory]
    [InlineData(NbdWire.FixedNewstyle | NbdWire.NoZeroes, 0)]
    [InlineData(NbdWire.FixedNewstyle, 124)]
    public void The_old_option_gives_an_export_too(uint flags, int zeroes)
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet(flags);

        client.SendOption(NbdWire.OptExportName, Encoding.UTF8.GetBytes(ExportRig.Name));

        Assert.Equal((ulong)Size, client.ReadU64());
        Assert.Equal(NbdWire.HasFlags, client.ReadU16() & NbdWire.HasFlags);
        Assert.Equal(new byte[zeroes], client.Read(zeroes));
        Assert.Equal(_rig.Memory[..512], client.ReadAt(0, 512));
    }

    [Fact]
    public void The_old_option_for_an_export_that_is_not_there_ends_the_connection()
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();

        client.SendOption(NbdWire.OptExportName, Encoding.UTF8.GetBytes("tape"));

        Assert.True(client.IsAtEnd);
    }

    [Fact]
    public void An_empty_name_is_the_export_of_that_name_only()
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();
        Assert.Equal(NbdWire.RepErrUnknown, client.TryGo(""));

        _rig.Server.Add(new NbdExport("", _rig.Disk));

        client.Go();
        Assert.Equal(_rig.Memory[..512], client.ReadAt(0, 512));
    }

    [Fact]
    public void Options_that_are_refused_leave_the_handshake_going_on()
    {
        using var client = new RawClient(_rig.EndPoint);
        Assert.Equal(NbdWire.FixedNewstyle | NbdWire.NoZeroes, client.Greet());

        Assert.Equal(NbdWire.RepErrUnsup, client.Ask(4711).Type);
        Assert.Equal(NbdWire.RepErrUnsup, client.Ask(4711, new byte[1000]).Type);
        Assert.Equal(NbdWire.RepErrUnknown, client.TryGo("tape"));
        Assert.NotEqual(NbdWire.RepAck, client.Ask(NbdWire.OptStructuredReply, [1]).Type);
        Assert.NotEqual(NbdWire.RepAck, client.Ask(NbdWire.OptList, [1]).Type);
        Assert.NotEqual(NbdWire.RepAck, client.Ask(NbdWire.OptStartTls).Type);
        Assert.NotEqual(NbdWire.RepAck, client.Ask(NbdWire.OptGo, [0, 0]).Type);
        Assert.NotEqual(NbdWire.RepAck, client.Ask(NbdWire.OptGo, RawPeer.Bytes(uint.MaxValue, "x")).Type);

        client.Go(ExportRig.Name);
        Assert.Equal(_rig.Memory[..512], client.ReadAt(0, 512));
    }

    [Fact]
    public void Info_tells_all_that_is_asked_for_and_leaves_the_handshake_going_on()
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();
        var told = new List<ushort>();

        client.SendOption(NbdWire.OptInfo, RawClient.GoData(ExportRig.Name, NbdWire.InfoName, NbdWire.InfoDescription, NbdWire.InfoBlockSize, 4711));
        (uint type, byte[] data) = client.ReadOptionReply(NbdWire.OptInfo);
        while (type == NbdWire.RepInfo)
        {
            told.Add((ushort)((data[0] << 8) | data[1]));
            (type, data) = client.ReadOptionReply(NbdWire.OptInfo);
        }

        Assert.Equal(NbdWire.RepAck, type);
        Assert.Equal([NbdWire.InfoExport, NbdWire.InfoName, NbdWire.InfoDescription, NbdWire.InfoBlockSize], told.Order());
        client.Go(ExportRig.Name);
    }

    [Fact]
    public void List_names_every_export()
    {
        _rig.Server.Add(new NbdExport("other", _rig.Disk));
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();
        var names = new List<string>();

        (uint type, byte[] data) = client.Ask(NbdWire.OptList);
        while (type == NbdWire.RepServer)
        {
            names.Add(Encoding.UTF8.GetString(data, 4, data[3]));
            (type, data) = client.ReadOptionReply(NbdWire.OptList);
        }

        Assert.Equal(NbdWire.RepAck, type);
        Assert.Equal([ExportRig.Name, "other"], names.Order());
    }

    [Fact]
    public void Abort_is_acknowledged_and_ends_the_connection()
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();

        Assert.Equal(NbdWire.RepAck, client.Ask(NbdWire.OptAbort).Type);

        Assert.True(client.IsAtEnd);
        _rig.AwaitConnections(0);
    }

    [Theory]
    [InlineData(NbdWire.CmdRead, Size, 512u)]
    [InlineData(NbdWire.CmdRead, Size - 512, 1024u)]
    [InlineData(NbdWire.CmdRead, -512, 512u)]
    [InlineData(NbdWire.CmdRead, 0, uint.MaxValue)]
    [InlineData(NbdWire.CmdRead, 1, 512u)]
    [InlineData(NbdWire.CmdRead, 0, 511u)]
    [InlineData(NbdWire.CmdTrim, Size, 4096u)]
    [InlineData(NbdWire.CmdWriteZeroes, Size - 512, 4096u)]
    [InlineData(NbdWire.CmdWriteZeroes, -4096, 8192u)]
    [InlineData(4711, 0, 512u)]
    [InlineData(NbdWire.CmdBlockStatus, 0, 512u)]
    public void A_request_that_cannot_be_is_refused_and_the_next_one_works(int command, long offset, uint length)
    {
        using RawClient client = _rig.Client();

        RawReply reply = client.Do((ushort)command, (ulong)offset, length);

        Assert.NotEqual(0u, reply.Error);
        Assert.Equal(_rig.Memory[..512], client.ReadAt(0, 512));
    }

    [Theory]
    [InlineData(Size)]
    [InlineData(Size - 512)]
    [InlineData(-1024)]
    [InlineData(100)]
    public void A_write_that_cannot_be_is_refused_and_the_next_one_works(long offset)
    {
        byte[] before = [.. _rig.Memory];
        using RawClient client = _rig.Client();

        Assert.NotEqual(0u, client.Do(NbdWire.CmdWrite, (ulong)offset, 1024, new byte[1024]).Error);

        Assert.Equal(before, _rig.Memory);
        client.WriteAt(0, Data.Filled(512, 3));
        Assert.Equal(3, _rig.Memory[0]);
    }

    [Fact]
    public void A_write_to_a_read_only_export_is_refused_whatever_it_is()
    {
        _rig.Server.Add(new NbdExport("locked", _rig.Disk, readOnly: true));
        byte[] before = [.. _rig.Memory];
        using RawClient client = RawClient.Of(_rig.EndPoint, "locked");

        Assert.Equal(NbdWire.ReadOnly, client.Flags & NbdWire.ReadOnly);
        Assert.Equal(NbdWire.EPerm, client.Do(NbdWire.CmdWrite, 0, 512, new byte[512]).Error);
        Assert.Equal(NbdWire.EPerm, client.Do(NbdWire.CmdTrim, 0, 512).Error);
        Assert.Equal(NbdWire.EPerm, client.Do(NbdWire.CmdWriteZeroes, 0, 512).Error);

        Assert.Equal(before, _rig.Memory);
        Assert.Equal(before[..512], client.ReadAt(0, 512));
    }

    [Theory]
    [InlineData(64u << 20)]
    [InlineData(uint.MaxValue)]
    public void A_write_of_more_than_can_be_is_not_taken_memory_for(uint length)
    {
        using RawClient client = _rig.Client();
        long before = GC.GetTotalAllocatedBytes();

        client.SendRequest(NbdWire.CmdWrite, 0, length);
        client.HalfClose();
        client.AwaitEnd();

        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 16 << 20);
        _rig.AwaitConnections(0);
    }

    [Fact]
    public void A_request_with_another_magic_ends_the_connection_and_no_other()
    {
        using RawClient good = _rig.Client();
        using RawClient bad = _rig.Client();

        bad.Send(0xdeadbeefu, (ushort)0, NbdWire.CmdRead, 1UL, 0UL, 512u);

        Assert.True(bad.IsAtEnd);
        Assert.Equal(_rig.Memory[..512], good.ReadAt(0, 512));
        _rig.AwaitConnections(1);
    }

    [Fact]
    public void An_option_with_another_magic_ends_the_connection()
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();

        client.Send(0x1234567890abcdefUL, NbdWire.OptList, 0u);

        Assert.True(client.IsAtEnd);
        _rig.AwaitConnections(0);
    }

    [Fact]
    public void A_client_that_wants_what_is_unknown_is_left()
    {
        using var client = new RawClient(_rig.EndPoint);

        client.Greet(0x8000);

        Assert.True(client.IsAtEnd);
        _rig.AwaitConnections(0);
    }

    [Fact]
    public void An_option_of_gigabytes_is_not_read_to_its_end()
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();

        client.Send(NbdWire.OptionMagic, NbdWire.OptGo, uint.MaxValue);
        client.HalfClose();
        client.AwaitEnd();

        _rig.AwaitConnections(0);
    }

    [Fact]
    public void A_handshake_does_not_go_on_for_ever()
    {
        using var client = new RawClient(_rig.EndPoint);
        client.Greet();

        Exception? end = Record.Exception(() =>
        {
            for (int i = 0; i < 100_000; i++)
            {
                client.Ask(NbdWire.OptList);
            }
        });

        Assert.NotNull(end);
        _rig.AwaitConnections(0);
    }

    [Fact]
    public void Answers_come_as_they_are_ready()
    {
        using RawClient client = _rig.Client(structured: false);
        Array.ForEach(_rig.Paths, path => path.Keep());
        ulong[] cookies = [.. Enumerable.Range(0, 10).Select(i => client.SendRequest(NbdWire.CmdRead, (ulong)i * 4096, 4096))];
        Eventually.True(() => _rig.Paths.Sum(path => path.Kept) == 10, "ten requests under way");

        Array.ForEach(_rig.Paths, path => path.LetGo());

        var answered = new List<ulong>();
        for (int i = 0; i < cookies.Length; i++)
        {
            RawReply reply = client.ReadReply(4096);
            answered.Add(reply.Cookie);
            Assert.Equal(_rig.Memory.AsSpan(Array.IndexOf(cookies, reply.Cookie) * 4096, 4096).ToArray(), reply.Data);
        }

        Assert.Equal(cookies, answered.Order());
        Assert.NotEqual(cookies, answered);
    }

    [Fact]
    public void Fua_and_flush_reach_the_disk()
    {
        using RawClient client = _rig.Client();

        Assert.Equal(0u, client.Do(NbdWire.CmdWrite, 0, 512, new byte[512], NbdWire.CmdFlagFua).Error);
        Assert.Equal(0u, client.Do(NbdWire.CmdFlush).Error);

        Assert.Equal(1, _rig.Paths.Sum(path => path.Fuas));
        Assert.Equal(1, _rig.Paths.Sum(path => path.Flushes));
    }

    [Fact]
    public void Trim_and_zeroes_reach_the_disk()
    {
        using RawClient client = _rig.Client();

        Assert.Equal(0u, client.Do(NbdWire.CmdTrim, 4096, 8192).Error);
        Assert.Equal(0u, client.Do(NbdWire.CmdWriteZeroes, 65536, 4096, flags: NbdWire.CmdFlagNoHole).Error);

        Assert.Equal(new byte[8192], _rig.Memory[4096..12288]);
        Assert.Equal(new byte[4096], _rig.Memory[65536..69632]);
        Assert.NotEqual(new byte[4096], _rig.Memory[69632..73728]);
    }

    [Theory]
    [InlineData(BlockStatus.IoError, NbdWire.EIo)]
    [InlineData(BlockStatus.NoSpace, NbdWire.ENoSpc)]
    [InlineData(BlockStatus.Medium, NbdWire.EIo)]
    [InlineData(BlockStatus.Invalid, NbdWire.EInval)]
    public void An_error_of_the_disk_is_told_and_the_connection_stays(BlockStatus error, uint expected)
    {
        using RawClient structured = _rig.Client();
        using RawClient simple = _rig.Client(structured: false);
        Array.ForEach(_rig.Paths, path => path.Error = error);

        Assert.Equal(expected, structured.Do(NbdWire.CmdRead, 0, 512).Error);
        Assert.Equal(expected, simple.Do(NbdWire.CmdRead, 0, 512).Error);
        Assert.Equal(expected, simple.Do(NbdWire.CmdWrite, 0, 512, new byte[512]).Error);

        Array.ForEach(_rig.Paths, path => path.Error = BlockStatus.Ok);
        Assert.Equal(_rig.Memory[..512], structured.ReadAt(0, 512));
        Assert.Equal(_rig.Memory[..512], simple.ReadAt(0, 512));
    }

    [Fact]
    public void Requests_before_a_good_bye_are_carried_out()
    {
        using RawClient client = _rig.Client();
        Array.ForEach(_rig.Paths, path => path.Keep());
        client.SendRequest(NbdWire.CmdWrite, 0, 512, Data.Filled(512, 9));
        client.SendRequest(NbdWire.CmdDisconnect);
        Eventually.True(() => _rig.Paths.Sum(path => path.Kept) == 1, "the write");

        Array.ForEach(_rig.Paths, path => path.LetGo());

        client.AwaitEnd();
        _rig.AwaitConnections(0);
        Assert.Equal(9, _rig.Memory[0]);
    }

    [Fact]
    public void A_client_that_goes_with_requests_under_way_disturbs_nobody()
    {
        using RawClient good = _rig.Client();
        Array.ForEach(_rig.Paths, path => path.Keep());
        using (RawClient client = _rig.Client())
        {
            for (int i = 0; i < 50; i++)
            {
                client.SendRequest(i % 2 == 0 ? NbdWire.CmdRead : NbdWire.CmdWrite, 0, 4096, i % 2 == 0 ? null : new byte[4096]);
            }

            Eventually.True(() => _rig.Paths.Sum(path => path.Kept) == 50, "the requests");
        }

        Array.ForEach(_rig.Paths, path => path.LetGo());

        _rig.AwaitConnections(1);
        Assert.Equal(_rig.Memory[..512], good.ReadAt(0, 512));
    }
}

using LibMultipath.Block;
using LibMultipath.Nbd.Client;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Paths;

/// <summary>What a path does with the requests of a disk, as other people's servers see it.</summary>
public sealed class PathIoTests(ITestOutputHelper output) : PathTests
{
    [ToolTheory("nbdkit")]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(false, false, false)]
    public async Task A_verified_load_on_nbdkit_finds_what_it_has_written(bool tcp, bool singleThreaded, bool structured)
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "16M", new NbdkitOptions { Tcp = tcp, SingleThreaded = singleThreaded, StructuredReplies = structured });
        Rig.Add(Addresses.Of(server));
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(output));

        load.AwaitProgress(3000);

        await load.AssertGoodAsync();
    }

    [ToolTheory("qemu-nbd", "qemu-img")]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public async Task A_verified_load_on_two_paths_to_qemu_nbd_finds_what_it_has_written(string format)
    {
        Tool.Run("qemu-img", "create", "-f", format, Folder["image"], "8M").Succeeded();
        using var server = new QemuNbdServer(Folder, "a", Folder["image"], format, "disk");
        Rig.Add(Addresses.Of(server, "disk"));
        Rig.Add(Addresses.Of(server, "disk"));
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(output));

        load.AwaitProgress(2000);

        await load.AssertGoodAsync();
    }

    [ToolTheory("nbdkit")]
    [InlineData(512)]
    [InlineData(4096)]
    [InlineData(65536 + 512)]
    [InlineData(8 << 20)]
    public void What_is_written_to_a_file_is_in_the_file(int size)
    {
        string file = Folder.File("image", 16 << 20);
        using NbdkitServer server = NbdkitServer.File(Folder, "a", file);
        Rig.Add(Addresses.Of(server));
        byte[] data = Data.Random(size, size);

        Assert.Equal(BlockStatus.Ok, Rig.Write(8, data));

        Assert.Equal(data, Rig.Read(8, size));
        Assert.Equal(data, File.ReadAllBytes(file).AsSpan(8 * 512, size).ToArray());
    }

    [ToolFact("nbdkit")]
    public async Task The_segments_of_a_bio_are_one_request()
    {
        string log = Folder["log"];
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions { Filters = ["log"], Parameters = [$"logfile={log}"] });
        Rig.Add(Addresses.Of(server));
        byte[][] parts = [.. Enumerable.Range(0, 5).Select(part => Data.Random(512 << part, part))];
        byte[][] back = [.. parts.Select(part => new byte[part.Length])];

        Assert.Equal(BlockStatus.Ok, await RunAsync(BioOp.Write, parts));
        Assert.Equal(BlockStatus.Ok, await RunAsync(BioOp.Read, back));

        Assert.Equal(parts, back);
        string said = await File.ReadAllTextAsync(log);
        Assert.Single(Requests(said, "Write"));
        Assert.Single(Requests(said, "Read"));

        async Task<BlockStatus> RunAsync(BioOp op, byte[][] segments)
        {
            using Bio bio = Bio.Rent(op, 16);
            Array.ForEach(segments, segment => bio.AddSegment(segment));
            return await Rig.Disk.SubmitAsync(bio);
        }
    }

    [ToolFact("nbdkit")]
    public async Task Flush_fua_discard_and_zeroes_are_asked_for_as_they_are()
    {
        string log = Folder["log"];
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions { Filters = ["log"], Parameters = [$"logfile={log}"] });
        Rig.Add(Addresses.Of(server));
        Rig.Write(0, Data.Filled(65536, 1));

        Assert.Equal(BlockStatus.Ok, Rig.Write(0, Data.Filled(4096, 2), BioFlags.Fua));
        Assert.Equal(BlockStatus.Ok, await Rig.Disk.FlushAsync());
        Assert.Equal(BlockStatus.Ok, await Rig.Disk.DiscardAsync(16, 8192));
        Assert.Equal(BlockStatus.Ok, await Rig.Disk.WriteZeroesAsync(64, 4096));
        Assert.Equal(BlockStatus.Ok, await Rig.Disk.WriteZeroesAsync(96, 4096, BioFlags.NoUnmap));

        byte[] all = Rig.Read(0, 65536);
        Assert.Equal(Data.Filled(4096, 2), all[..4096]);
        Assert.Equal(new byte[8192], all[8192..16384]);
        Assert.Equal(new byte[4096], all[32768..36864]);
        Assert.Equal(new byte[4096], all[49152..53248]);
        Assert.Equal(Data.Filled(4096, 1), all[36864..40960]);
        string said = await File.ReadAllTextAsync(log);
        Assert.Contains(Requests(said, "Write"), line => line.Contains("offset=0x0 count=0x1000 ") && line.Contains("fua=1"));
        Assert.Single(Requests(said, "Flush"));
        Assert.Contains("offset=0x2000 count=0x2000", Assert.Single(Requests(said, "Trim")));
        Assert.Contains(Requests(said, "Zero"), line => line.Contains("offset=0x8000 count=0x1000") && line.Contains("trim=1"));
        Assert.Contains(Requests(said, "Zero"), line => line.Contains("offset=0xc000 count=0x1000") && line.Contains("trim=0"));
    }

    [ToolFact("nbdkit")]
    public void The_limits_of_a_path_are_its_servers()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions
        {
            Filters = ["blocksize-policy"],
            Parameters = ["blocksize-minimum=4096", "blocksize-preferred=16384", "blocksize-maximum=65536", "blocksize-error-policy=error"],
        });
        NbdPath path = Rig.Add(Addresses.Of(server));
        byte[] data = Data.Random(512 * 1024, 1);

        Assert.Equal(BlockStatus.Ok, Rig.Write(0, data));

        Assert.Equal(data, Rig.Read(0, data.Length));
        Assert.Equal(2048, path.CapacitySectors);
        Assert.Equal(4096, path.Limits.LogicalBlockSize);
        Assert.Equal(16384, path.Limits.IoMin);
        Assert.Equal(128, path.Limits.MaxSectors);
        Assert.True(path.Limits.Features.HasFlag(QueueFeatures.WriteCache | QueueFeatures.Fua));
    }

    [ToolTheory("nbdkit")]
    [InlineData("nozero")]
    [InlineData("fua")]
    public async Task What_a_server_has_not_got_is_not_asked_of_it(string filter)
    {
        string log = Folder["log"];
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions
        {
            Filters = ["log", filter],
            Parameters = [$"logfile={log}"],
        });
        Rig.Add(Addresses.Of(server));
        Rig.Write(0, Data.Filled(8192, 1));

        Assert.Equal(BlockStatus.Ok, Rig.Write(0, Data.Filled(4096, 2), BioFlags.Fua));
        BlockStatus zeroes = await Rig.Disk.WriteZeroesAsync(8, 4096);

        string said = await File.ReadAllTextAsync(log);
        if (filter == "fua")
        {
            Assert.DoesNotContain("fua=1", said);
            Assert.NotEmpty(Requests(said, "Flush"));
        }
        else
        {
            Assert.Empty(Requests(said, "Zero"));
            Assert.Equal(BlockStatus.NotSupported, zeroes);
        }
    }

    [ToolFact("nbdkit")]
    public void A_read_only_server_is_used_by_a_read_only_path_alone()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions { ReadOnly = true });
        Assert.Equal(Errno.EROFS, Assert.Throws<BlockException>(() => Rig.Add(Addresses.Of(server))).Errno);

        NbdPath path = Rig.Add(Addresses.Of(server), options => options with { ReadOnly = true });

        Assert.True(path.IsReadOnly);
        Assert.NotEqual(BlockStatus.Ok, Rig.Write(0, new byte[512]));
        Assert.Equal(new byte[512], Rig.Read(0, 512));
    }

    [ToolFact("nbdkit")]
    public void A_path_can_be_read_only_though_its_server_is_not()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M");
        NbdPath path = Rig.Add(Addresses.Of(server), options => options with { ReadOnly = true });

        Assert.True(path.IsReadOnly);
        Assert.NotEqual(BlockStatus.Ok, Rig.Write(0, new byte[512]));
    }

    [ToolFact("nbdkit")]
    public async Task A_request_that_takes_long_holds_nobody_up()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M", new NbdkitOptions { Filters = ["delay"], Parameters = ["delay-read=8"] });
        Rig.Add(Addresses.Of(server));
        byte[][] buffers = [.. Enumerable.Range(0, 8).Select(_ => Data.Filled(4096, 9))];
        Task<BlockStatus>[] reads = [.. buffers.Select((buffer, i) => Rig.Disk.ReadAsync(i * 8, buffer).AsTask())];

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(BlockStatus.Ok, Rig.Write(1024, Data.Filled(4096, (byte)i)));
        }

        Assert.All(reads, read => Assert.False(read.IsCompleted));
        Assert.All(await Task.WhenAll(reads), status => Assert.Equal(BlockStatus.Ok, status));
        Assert.All(buffers, buffer => Assert.Equal(new byte[4096], buffer));
    }

    [ToolFact("nbdkit")]
    public async Task A_slow_server_is_waited_for()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "4M", new NbdkitOptions { Filters = ["rate"], Parameters = ["rate=32M"] });
        Rig.Add(Addresses.Of(server));
        using var load = new VerifiedLoad(Rig.Disk, Seeds.Next(output), blocks: 512);

        load.AwaitProgress(300);

        await load.AssertGoodAsync();
    }

    [ToolFact("nbdkit")]
    public void An_io_costs_no_allocation_once_the_path_is_warm()
    {
        using NbdkitServer server = NbdkitServer.Memory(Folder, "a", "1M");
        NbdPath path = Rig.Add(Addresses.Of(server));

        // Past the head, which keeps records of its sections in a debug build.
        Allocations.AssertNone(path);
    }

    private static string[] Requests(string log, string kind) =>
        [.. log.Split('\n').Where(line => line.Contains($" {kind} id=", StringComparison.Ordinal))];
}

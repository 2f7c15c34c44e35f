using System.Text.Json;
using LibMultipath.Block;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;
using Xunit.Abstractions;

namespace LibMultipath.Nbd.Tests.Export;

/// <summary>Other people's clients on the export.</summary>
public sealed class ToolTests(ITestOutputHelper output) : IDisposable
{
    private const int Size = 16 << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [ToolTheory("nbdcopy")]
    [InlineData(false)]
    [InlineData(true)]
    public void Nbdcopy_copies_in_and_out(bool tcp)
    {
        using var rig = new ExportRig(_folder, Size, tcp: tcp);
        string file = _folder.File("in", Size, Seeds.Random(output));

        Tool.Run("nbdcopy", "--flush", "--connections=4", "--requests=64", file, rig.Uri).Succeeded();
        Tool.Run("nbdcopy", "--connections=4", "--requests=64", rig.Uri, _folder["out"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(file), rig.Memory);
        Assert.Equal(rig.Memory, File.ReadAllBytes(_folder["out"]));
        rig.AwaitConnections(0);
    }

    [ToolTheory("qemu-img")]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void Qemu_img_converts_in_and_out(string format)
    {
        using var rig = new ExportRig(_folder, Size);
        string file = _folder.File("in", Size, Seeds.Random(output));
        Tool.Run("qemu-img", "convert", "-f", "raw", "-O", format, file, _folder["image"]).Succeeded();

        Tool.Run("qemu-img", "convert", "-n", "-f", format, "-O", "raw", _folder["image"], rig.Uri).Succeeded();
        Tool.Run("qemu-img", "convert", "-f", "raw", "-O", format, rig.Uri, _folder["back"]).Succeeded();
        Tool.Run("qemu-img", "convert", "-f", format, "-O", "raw", _folder["back"], _folder["out"]).Succeeded();

        Assert.Equal(File.ReadAllBytes(file), rig.Memory);
        Assert.Equal(rig.Memory, File.ReadAllBytes(_folder["out"]));
        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", file, rig.Uri).Succeeded();
    }

    [ToolFact("nbdinfo")]
    public void Nbdinfo_tells_what_there_is()
    {
        using var rig = new ExportRig(_folder, Size);
        rig.Server.Add(new NbdExport("other", rig.Disk, readOnly: true));

        JsonElement export = Assert.Single(Json(rig.Uri));
        JsonElement[] all = Json("--list", rig.Uri);

        Assert.Equal("disk", export.GetProperty("export-name").GetString());
        Assert.Equal("a disk of the tests", export.GetProperty("description").GetString());
        Assert.Equal(Size, export.GetProperty("export-size").GetInt64());
        Assert.All(["can_multi_conn", "can_flush", "can_fua", "can_trim", "can_zero"], can => Assert.True(export.GetProperty(can).GetBoolean(), can));
        Assert.False(export.GetProperty("is_read_only").GetBoolean());
        Assert.Equal(512, export.GetProperty("block_size_minimum").GetInt64());
        Assert.Equal(["disk", "other"], all.Select(each => each.GetProperty("export-name").GetString()).Order());
        Assert.True(all.Single(each => each.GetProperty("export-name").GetString() == "other").GetProperty("is_read_only").GetBoolean());

        static JsonElement[] Json(params string[] arguments) =>
            [.. JsonDocument.Parse(Tool.Run("nbdinfo", ["--json", .. arguments]).Succeeded()).RootElement.GetProperty("exports").EnumerateArray()];
    }

    [ToolFact("nbdinfo")]
    public void An_export_that_is_not_there_is_refused()
    {
        using var rig = new ExportRig(_folder, Size);

        Tool.Run("nbdinfo", rig.Uri.Replace("/disk", "/tape", StringComparison.Ordinal)).Failed();

        Assert.True(rig.Server.Remove("disk"));
        Assert.False(rig.Server.Remove("disk"));
        Tool.Run("nbdinfo", rig.Uri).Failed();
    }

    [ToolFact("nbdinfo")]
    public void The_limits_are_those_of_the_disk()
    {
        using var rig = new ExportRig(_folder, Size, limits: MemoryPath.DefaultLimits with { LogicalBlockSize = 4096, IoMin = 16384, DiscardGranularity = 4096 });

        string said = Tool.Run("nbdinfo", rig.Uri).Succeeded();

        Assert.Contains("block_size_minimum: 4096", said, StringComparison.Ordinal);
        Assert.Contains("block_size_preferred: 16384", said, StringComparison.Ordinal);
    }

    [ToolFact("nbdinfo", "qemu-io")]
    public void A_read_only_export_cannot_be_written()
    {
        using var rig = new ExportRig(_folder, Size, readOnly: true);

        Assert.Contains("is_read_only: true", Tool.Run("nbdinfo", rig.Uri).Succeeded(), StringComparison.Ordinal);

        Tool.Run("qemu-io", "-f", "raw", "-c", "write 0 4k", rig.Uri).Failed();
        Tool.Run("qemu-io", "-r", "-f", "raw", "-c", "read -P 0 0 4k", rig.Uri).Succeeded();
    }

    [ToolFact("qemu-io")]
    public void Qemu_io_reads_what_it_has_written_discarded_and_zeroed()
    {
        using var rig = new ExportRig(_folder, Size);

        string said = Tool.Run("qemu-io", "-f", "raw", "-d", "unmap",
            "-c", "write -P 0x11 0 1M", "-c", "write -f -P 0x22 512 512", "-c", "write -z 64k 64k", "-c", "write -z -u 256k 64k",
            "-c", "discard 512k 64k", "-c", "flush",
            "-c", "aio_write -P 0x33 2M 256k", "-c", "aio_write -P 0x44 3M 256k", "-c", "aio_flush",
            "-c", "read -P 0x11 0 512", "-c", "read -P 0x22 512 512", "-c", "read -P 0x11 1k 63k", "-c", "read -P 0 64k 64k", "-c", "read -P 0 256k 64k", "-c", "read -P 0 512k 64k",
            "-c", "read -P 0x33 2M 256k", "-c", "read -P 0x44 3M 256k", rig.Uri).Succeeded();

        Assert.DoesNotContain("Pattern verification failed", said, StringComparison.Ordinal);
        Assert.Equal(Data.Filled(512, 0x22), rig.Memory[512..1024]);
        Assert.True(rig.Paths.Sum(path => path.Fuas) > 0);
        Assert.True(rig.Paths.Sum(path => path.Flushes) > 0);
    }

    [ToolTheory("qemu-io")]
    [InlineData(BlockStatus.IoError, "Input/output error")]
    [InlineData(BlockStatus.NoSpace, "No space left on device")]
    public void An_error_of_the_disk_is_the_clients(BlockStatus error, string said)
    {
        using var rig = new ExportRig(_folder, Size);
        Array.ForEach(rig.Paths, path => path.Error = error);

        Assert.Contains(said, Tool.Run("qemu-io", "-f", "raw", "-c", "write 1M 4k", rig.Uri).ToString(), StringComparison.Ordinal);
    }

    [ToolTheory("fio")]
    [InlineData(1)]
    [InlineData(4)]
    public void Fio_verifies_what_it_has_written(int jobs)
    {
        using var rig = new ExportRig(_folder, Size);

        string said = Tool.Run("fio", "--name=verify", "--ioengine=nbd", $"--uri={rig.Uri}", "--rw=randrw", "--bs=4k", "--size=4m", "--offset_increment=4m",
            $"--numjobs={jobs}", "--iodepth=32", "--verify=crc32c", "--verify_fatal=1", "--do_verify=1", "--loops=3", "--fsync=100", "--thread").Succeeded();

        Assert.DoesNotContain("verify failed", said, StringComparison.Ordinal);
        rig.AwaitConnections(0);
    }

    [ToolFact("nbdcopy", "mkfs.ext4", "fsck.ext4", "debugfs")]
    public void A_file_system_is_whole_after_paths_have_failed_all_the_time()
    {
        const int Large = 64 << 20;
        using var rig = new ExportRig(_folder, Large);
        string contents = Directory.CreateDirectory(_folder["contents"]).FullName;
        Random random = Seeds.Random(output);
        for (int i = 0; i < 20; i++)
        {
            _folder.File($"contents/file{i}", random.Next(1, 1 << 20), random);
        }

        string image = _folder.File("image", Large);
        Tool.Run("mkfs.ext4", "-q", "-F", "-d", contents, image).Succeeded();
        using (var flaky = new Flaky(rig))
        {
            for (int round = 0; round < 5 || flaky.Failures < 20; round++)
            {
                Tool.Run("nbdcopy", "--connections=4", image, rig.Uri).Succeeded();
                Tool.Run("nbdcopy", "--connections=4", rig.Uri, _folder["out"]).Succeeded();
                Tool.Run("fsck.ext4", "-f", "-n", _folder["out"]).Succeeded();
            }

            output.WriteLine($"{flaky.Failures} failures of paths, {rig.Devices.Sum(path => path.Statistics.Failovers)} failovers.");
        }

        Directory.CreateDirectory(_folder["dumped"]);
        Tool.Run("debugfs", "-R", $"rdump / {_folder["dumped"]}", _folder["out"]).Succeeded();
        foreach (string file in Directory.GetFiles(contents))
        {
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(_folder["dumped"], Path.GetFileName(file))));
        }

        Assert.True(rig.Devices.Sum(path => path.Statistics.Failovers) > 0);
    }

    [ToolFact("nbdcopy")]
    public async Task Many_clients_at_once_each_get_theirs()
    {
        using var rig = new ExportRig(_folder, Size);
        string file = _folder.File("in", Size, Seeds.Random(output));
        Tool.Run("nbdcopy", file, rig.Uri).Succeeded();

        ToolResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Tool.RunAsync("nbdcopy", "--connections=2", rig.Uri, _folder[$"out{i}"])));

        Assert.All(results, result => result.Succeeded());
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(rig.Memory, File.ReadAllBytes(_folder[$"out{i}"])));
    }
}

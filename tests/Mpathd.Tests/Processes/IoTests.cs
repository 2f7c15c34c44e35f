using System.Runtime.Versioning;
using System.Text.Json;
using Mpathd.Tests.Output;

namespace Mpathd.Tests.Processes;

[Collection(ProcessCollection.Name)]
[UnsupportedOSPlatform("windows")]
public sealed class IoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_written_over_two_paths_is_verified()
    {
        string file = _folder.File("disk.img");
        MpathdProcess.Ended ended = await MpathdProcess.Run(
            "io", "--path", $"loop:{file}", "--path", $"loop:{file},node=0", "--create", "4M", "--rw", "randrw", "--seconds", "1", "--verify", "--policy", "round-robin", "--seed", "5", "--json");
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        using var json = JsonDocument.Parse(ended.Output);
        Assert.Equal(ReportTests.Names, json.RootElement.EnumerateObject().Select(each => each.Name));
        Assert.True(json.RootElement.GetProperty("ios").GetInt64() > 0);
        Assert.Equal(5, json.RootElement.GetProperty("seed").GetInt64());
        Assert.Equal(4 << 20, new FileInfo(file).Length);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("randread")]
    public async Task Reading_leaves_the_file_alone_even_if_it_may_be_written(string pattern)
    {
        string file = _folder.File("disk.img", 1 << 20);
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", $"loop:{file}", "--rw", pattern, "--seconds", "1");
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Contains("OK:", ended.Output);
        Assert.False(File.ReadAllBytes(file).AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Writing_stays_within_the_size()
    {
        string file = _folder.File("disk.img", 1 << 20);
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", $"loop:{file}", "--rw", "write", "--bs", "8k", "--size", "64k", "--seconds", "1");
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        byte[] bytes = File.ReadAllBytes(file);
        Assert.Equal(1 << 20, bytes.Length);
        Assert.True(bytes.AsSpan(0, 64 << 10).ContainsAnyExcept((byte)0));
        Assert.False(bytes.AsSpan(64 << 10).ContainsAnyExcept((byte)0));
    }

    [Fact]
    public async Task Create_grows_a_file_but_never_shrinks_one()
    {
        string small = _folder.File("small.img", 4096);
        string large = _folder.File("large.img", 1 << 20);
        Assert.Equal(0, (await MpathdProcess.Run("io", "--path", $"loop:{small}", "--rw", "read", "--seconds", "1", "--create", "64k")).Code);
        Assert.Equal(0, (await MpathdProcess.Run("io", "--path", $"loop:{large}", "--rw", "read", "--seconds", "1", "--create", "64k")).Code);
        Assert.Equal(64 << 10, new FileInfo(small).Length);
        Assert.Equal(1 << 20, new FileInfo(large).Length);
    }

    [Fact]
    public async Task A_null_path_measures_the_library()
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run(
            "io", "--path", "null:size=1G", "--path", "null:size=1G,latency=100us,node=0", "--rw", "randrw", "--seconds", "1", "--policy", "queue-depth", "--json");
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        using var json = JsonDocument.Parse(ended.Output);
        Assert.True(json.RootElement.GetProperty("iops").GetDouble() > 0);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_not_made()
    {
        string file = _folder.File("none.img");
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", $"loop:{file}", "--rw", "write");
        Assert.Equal(3, ended.Code);
        Assert.Contains($"{file} does not exist", ended.Error);
        Assert.Contains("--create 1G", ended.Error);
        Assert.Empty(_folder.Files);
    }

    [Theory]
    [InlineData("io", "--path", "null:size=1M", "--rw", "read", "--seconds", "1", "--json")]
    [InlineData("io", "--path", "null:size=1M", "--rw", "read", "--seconds", "1")]
    [InlineData("--help")]
    public async Task An_output_that_cannot_be_written_is_told_with_the_remedy(params string[] arguments)
    {
        MpathdProcess.Ended ended = await MpathdProcess.RunInto("/dev/full", arguments);
        Assert.Equal(3, ended.Code);
        Assert.Matches(@"^mpathd: the standard output cannot be written: [^\n]*; write to a device with room[^\n]*\n$", ended.Error);
    }

    [Fact]
    public async Task An_empty_file_is_not_grown()
    {
        string file = _folder.File("empty.img", 0);
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", $"loop:{file}", "--rw", "write");
        Assert.Equal(3, ended.Code);
        Assert.Contains("is empty", ended.Error);
        Assert.Equal(0, new FileInfo(file).Length);
    }

    [Fact]
    public async Task A_directory_is_no_file()
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", $"loop:{_folder.Path}", "--rw", "read");
        Assert.Equal(3, ended.Code);
        Assert.Contains("is a directory", ended.Error);
    }

    [Fact]
    public async Task What_is_no_block_device_is_told_with_the_remedy()
    {
        string file = _folder.File("disk.img", 4096);
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", $"bdev:{file}", "--rw", "read");
        Assert.Equal(3, ended.Code);
        Assert.Contains($"{file} is not a block device", ended.Error);
        ended = await MpathdProcess.Run("io", "--path", "bdev:/dev/no-such-disk", "--rw", "read");
        Assert.Equal(3, ended.Code);
        Assert.Contains("/dev/no-such-disk cannot be opened: it does not exist", ended.Error);
        Assert.Contains("lsblk shows them", ended.Error);
    }

    [Fact]
    public async Task A_file_cannot_be_made_where_nothing_can_be_written()
    {
        // Not even root may write there.
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", "loop:/proc/mpathd.img", "--rw", "write", "--create", "1M");
        Assert.Equal(3, ended.Code);
        Assert.Contains("cannot be made 1M large", ended.Error);
        Assert.Contains("that you may write", ended.Error);
    }

    [Fact]
    public async Task A_file_that_may_not_be_used_is_told_with_the_remedy()
    {
        string file = _folder.File("secret.img", 4096);
        File.SetUnixFileMode(file, UnixFileMode.None);
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", $"loop:{file}", "--rw", "read", "--seconds", "1");
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Equal(0, ended.Code);
        }
        else
        {
            Assert.Equal(3, ended.Code);
            Assert.Contains("change its mode or owner", ended.Error);
        }
    }

    [Fact]
    public async Task Paths_to_two_files_are_refused()
    {
        string one = _folder.File("one.img", 4096);
        string other = _folder.File("other.img", 8192);
        MpathdProcess.Ended ended = await MpathdProcess.Run("io", "--path", $"loop:{one}", "--path", $"loop:{other}", "--rw", "write");
        Assert.Equal(2, ended.Code);
        Assert.Contains("not the same file", ended.Error);
        Assert.False(File.ReadAllBytes(one).AsSpan().ContainsAnyExcept((byte)0));
    }
}

namespace Mpathd.Tests.Processes;

[Collection(ProcessCollection.Name)]
public sealed class ArgumentTests
{
    [Fact]
    public async Task The_version_is_told()
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run("--version");
        Assert.Equal(0, ended.Code);
        Assert.Matches(@"^\d+\.\d+\.\d+", ended.Output);
    }

    [Theory]
    [InlineData("mpathd demo", "--help")]
    [InlineData("mpathd demo --seconds", "demo", "--help")]
    [InlineData("mpathd io --path", "io", "--help")]
    [InlineData("mpathd io --path", "io", "-h")]
    [InlineData("mpathd demo --driver nbd", "demo", "-h")]
    [InlineData("mpathd serve --path nbd:unix:", "serve", "-h")]
    [InlineData("mpathd export loop:disk.img --nbd unix:", "export", "-h")]
    [InlineData("mpathd io --path", "io", "--path", "nonsense", "--help")]
    public async Task Help_has_examples_and_the_exit_codes(string example, params string[] arguments)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run(arguments);
        Assert.Equal(0, ended.Code);
        Assert.Contains("Examples:", ended.Output);
        Assert.Contains(example, ended.Output);
        Assert.Contains("130  interrupted, after a clean end", ended.Output);
        Assert.Empty(ended.Error);
    }

    [Theory]
    [InlineData("no verb; give one of demo, io")]
    [InlineData("no verb 'demon'; give one of demo, io", "demon")]
    [InlineData("'--frobnicate'", "demo", "--frobnicate")]
    [InlineData("'0' is out of range; give a whole number from 1 to 64, such as 4", "demo", "--paths", "0")]
    [InlineData("'65' is out of range; give a whole number from 1 to 64", "demo", "--paths", "65")]
    [InlineData("'x' is out of range; give a whole number from 1 to 604800", "demo", "--seconds", "x")]
    [InlineData("'1025' is out of range; give a whole number from 1 to 1024", "demo", "--iodepth", "1025")]
    [InlineData("'-1' is out of range; give a whole number from 0 to 4294967295", "demo", "--seed", "-1")]
    [InlineData("no policy 'num'; give one of numa, round-robin, queue-depth", "demo", "--policy", "num")]
    [InlineData("--paths", "demo", "--paths")]
    [InlineData("--paths", "demo", "--paths", "1", "--paths", "2")]
    [InlineData("'--path' is required", "io", "--rw", "read")]
    [InlineData("'--rw' is required", "io", "--path", "null:size=1G")]
    [InlineData("no pattern 'rw'; give read, write, randread, randwrite or randrw", "io", "--path", "null:size=1G", "--rw", "rw")]
    [InlineData("'disk' is not a path", "io", "--path", "disk", "--rw", "read")]
    [InlineData("'511' is out of range; give 512 to 16M", "io", "--path", "null:size=1G", "--rw", "read", "--bs", "511")]
    [InlineData("'700' is out of range; give 512 to 16M, a multiple of 512", "io", "--path", "null:size=1G", "--rw", "read", "--bs", "700")]
    [InlineData("'32M' is out of range; give 512 to 16M", "io", "--path", "null:size=1G", "--rw", "read", "--bs", "32M")]
    [InlineData("keep the product of both within 1G, such as --iodepth 64", "io", "--path", "null:size=1G", "--rw", "read", "--bs", "16M", "--iodepth", "128")]
    [InlineData("--size 2G is out of range: the disk has 1G", "io", "--path", "null:size=1G", "--rw", "read", "--size", "2G")]
    [InlineData("give 4K to 1G, a multiple of --bs", "io", "--path", "null:size=1G", "--rw", "read", "--size", "5000")]
    [InlineData("give a smaller block", "io", "--path", "null:size=4K", "--rw", "read", "--bs", "8k")]
    [InlineData("--rw read writes nothing", "io", "--path", "loop:f", "--rw", "read", "--verify")]
    [InlineData("--rw randread writes nothing", "io", "--path", "loop:f", "--rw", "randread", "--verify")]
    [InlineData("a null path keeps nothing", "io", "--path", "null:size=1G", "--rw", "write", "--verify")]
    [InlineData("different sizes, 1G and 2G", "io", "--path", "null:size=1G", "--path", "null:size=2G", "--rw", "read")]
    [InlineData("give paths of one kind", "io", "--path", "null:size=1G", "--path", "loop:f", "--rw", "read")]
    [InlineData("give paths of one kind", "io", "--path", "bdev:/dev/sda", "--path", "loop:/dev/sda", "--rw", "read")]
    [InlineData("give paths of one kind", "io", "--path", "nbd:unix:/a", "--path", "loop:f", "--rw", "read")]
    [InlineData("only a loop path has one", "io", "--path", "nbd://host", "--rw", "read", "--create", "1G")]
    [InlineData("names no server", "serve", "--path", "nbd:/run/a.sock")]
    [InlineData("'10809' is no place to listen at; give unix:PATH, tcp:PORT or tcp:HOST:PORT", "serve", "--path", "null:size=1M", "--nbd", "10809")]
    [InlineData("--queues says how a block device is", "serve", "--path", "null:size=1M", "--nbd", "tcp:0", "--queues", "2")]
    [InlineData("'--nbd' is required", "export", "null:size=1M")]
    [InlineData("there is no driver 'scsi'; give loop or nbd", "demo", "--driver", "scsi")]
    [InlineData("give --paths 1 to 16, or --driver loop", "demo", "--driver", "nbd", "--paths", "17")]
    [InlineData("names no device", "serve", "--path", "bdev:node=1")]
    [InlineData("only a loop path has one", "io", "--path", "bdev:/dev/sda", "--rw", "read", "--create", "1G")]
    [InlineData("only a loop path has one", "io", "--path", "null:size=1G", "--rw", "read", "--create", "1G")]
    [InlineData("'1000' is out of range; give 4K to 1024T", "io", "--path", "loop:f", "--rw", "read", "--create", "1000")]
    [InlineData("'soon' is not a size", "io", "--path", "loop:f", "--rw", "read", "--size", "soon")]
    public async Task Wrong_arguments_are_named_with_what_to_give(string says, params string[] arguments)
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run(arguments);
        Assert.Equal(2, ended.Code);
        Assert.Contains(says, ended.Error);
        Assert.Empty(ended.Output);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once()
    {
        MpathdProcess.Ended ended = await MpathdProcess.Run("demo", "--paths", "0", "--seconds", "0");
        Assert.Contains("--paths: '0'", ended.Error);
        Assert.Contains("--seconds: '0'", ended.Error);
        Assert.Contains("mpathd demo --help", ended.Error);
    }
}

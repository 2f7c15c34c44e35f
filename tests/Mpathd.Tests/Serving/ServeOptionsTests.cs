using System.CommandLine;
using Mpathd.Commands;
using Mpathd.Nbd;
using Mpathd.Paths;
using Mpathd.Runs;
using Mpathd.Serving;

namespace Mpathd.Tests.Serving;

public sealed class ServeOptionsTests
{
    private const string Path = "--path null:size=1M ";

    [Fact]
    public void Without_options_it_is_the_next_device_with_the_usual_queue()
    {
        ServeOptions options = Options(Path);
        Assert.Equal(
            new ServeOptions { Paths = options.Paths },
            options);
        Assert.Equal((1, 128, null, DiskRecovery.None, DataMode.Copy), (options.Queues, options.QueueDepth, options.DeviceId, options.Recovery, options.Mode));
    }

    [Theory]
    [InlineData("--ublk", null)]
    [InlineData("--ublk 0", 0)]
    [InlineData("--ublk=7", 7)]
    [InlineData("--ublk 1048575", 1048575)]
    public void The_number_of_the_device_may_be_left_out(string arguments, int? id)
    {
        Assert.Equal(id, Options(Path + arguments).DeviceId);
        Assert.Equal(id, Options(arguments + " " + Path).DeviceId);
    }

    [Theory]
    [InlineData("", "None")]
    [InlineData("--recoverable", "Reissue")]
    [InlineData("--recoverable=reissue", "Reissue")]
    [InlineData("--recoverable=queue", "Queue")]
    [InlineData("--recoverable fail-io", "FailIo")]
    [InlineData("--recoverable --ublk 3", "Reissue")]
    public void Recovery_is_by_reissue_unless_another_is_given(string arguments, string recovery)
    {
        Assert.Equal(recovery, Options(Path + arguments).Recovery.ToString());
        Assert.Equal(recovery, Options(arguments + " " + Path).Recovery.ToString());
    }

    [Theory]
    [InlineData("--user-copy", "UserCopy")]
    [InlineData("--zero-copy", "ZeroCopy")]
    [InlineData("--batch", "Batch")]
    public void The_way_of_the_data_is_one_of_several(string arguments, string mode) => Assert.Equal(mode, Options(Path + arguments).Mode.ToString());

    [Theory]
    [InlineData("--user-copy --zero-copy")]
    [InlineData("--zero-copy --batch")]
    [InlineData("--batch --user-copy --zero-copy")]
    public void Two_ways_of_the_data_are_refused(string arguments)
    {
        MpathdException refused = Assert.Throws<MpathdException>(() => Options(Path + arguments));
        Assert.Equal(ExitCode.WrongArguments, refused.Code);
    }

    [Theory]
    [InlineData("", false, null)]
    [InlineData("--ublk", true, null)]
    [InlineData("--queues 2", true, null)]
    [InlineData("--recoverable", true, null)]
    [InlineData("--nbd unix:/run/a.sock", false, "unix:/run/a.sock")]
    [InlineData("--nbd tcp:10809 --ublk 3 --queues 2", true, "tcp:127.0.0.1:10809")]
    public void It_is_a_block_device_an_export_both_or_whichever_works(string arguments, bool ublk, string? nbd)
    {
        ServeOptions options = Options(Path + arguments);
        Assert.Equal((ublk, nbd), (options.Ublk, options.Nbd is { } export ? EndPointText.Format(export.EndPoint) : null));
    }

    [Fact]
    public void An_export_has_a_name_and_certificates()
    {
        NbdHostOptions export = Options(Path + "--nbd tcp:0 --nbd-name disk --nbd-tls-certificates /etc/pki").Nbd!;
        Assert.Equal(("disk", "/etc/pki", false), (export.Name, export.Certificates, export.VerifiesClients));
        Assert.True(Options(Path + "--nbd tcp:0 --nbd-tls-certificates /etc/pki --nbd-tls-verify-clients").Nbd!.VerifiesClients);
    }

    [Fact]
    public void Clients_without_tls_cannot_be_verified()
    {
        MpathdException refused = Assert.Throws<MpathdException>(() => Options(Path + "--nbd tcp:0 --nbd-tls-verify-clients"));
        Assert.Equal(
            (ExitCode.WrongArguments, "--nbd-tls-verify-clients is of clients that use TLS, and without --nbd-tls-certificates there are none"),
            (refused.Code, refused.Message));
        Assert.Equal("give --nbd-tls-certificates DIR as well, the folder of server-cert.pem, server-key.pem and ca-cert.pem", refused.Remedy);
    }

    [Theory]
    [InlineData("--nbd tcp:0 --queues 2", "--queues says how a block device is, and --nbd alone makes none")]
    [InlineData("--nbd tcp:0 --recoverable", "--recoverable says")]
    [InlineData("--nbd tcp:0 --zero-copy", "--zero-copy says")]
    [InlineData("--nbd-name x", "--nbd-name says how an export is, and there is none")]
    [InlineData("--ublk --nbd-tls-certificates /etc/pki", "--nbd-tls-certificates says")]
    [InlineData("--ublk --nbd-tls-verify-clients", "--nbd-tls-verify-clients says")]
    public void What_says_how_something_is_that_is_not_asked_for_is_refused(string arguments, string says)
    {
        MpathdException refused = Assert.Throws<MpathdException>(() => Options(Path + arguments));
        Assert.Equal(ExitCode.WrongArguments, refused.Code);
        Assert.Contains(says, refused.Message);
    }

    [Fact]
    public void The_rest_is_as_given()
    {
        ServeOptions options = Options(Path + "--path null:size=1M --policy queue-depth --queues 4 --depth 16 --read-only --delayed-removal 30 --fast-fail 5");
        Assert.Equal((2, "queue-depth", 4, 16, true, 30u, 5u), (options.Paths.Count, options.Policy.Name, options.Queues, options.QueueDepth, options.ReadOnly, options.DelayedRemovalSecs, options.FastFailSecs));
    }

    [Fact]
    public void The_unit_of_systemd_is_a_command_line_that_recovers_its_own_device()
    {
        string line = File.ReadLines(System.IO.Path.Combine(AppContext.BaseDirectory, "mpathd@.service")).Single(line => line.StartsWith("ExecStart=", StringComparison.Ordinal));
        string[] words = line.Replace("%i", "7", StringComparison.Ordinal)
            .Replace("$MPATHD_PATHS", "--path loop:/srv/disk.img --path loop:/srv/disk.img", StringComparison.Ordinal)
            .Replace("$MPATHD_OPTIONS", "--policy round-robin --queues 2", StringComparison.Ordinal).Split(' ');
        Assert.Equal("ExecStart=/usr/bin/mpathd serve", string.Join(' ', words[..2]));
        ServeOptions options = Options(string.Join(' ', words[2..]));
        Assert.Equal((7, DiskRecovery.Reissue, 2, 2), (options.DeviceId, options.Recovery, options.Paths.Count, options.Queues));
        Assert.Equal("/srv/disk.img", Assert.IsType<LoopPathSpec>(options.Paths[0]).File);
    }

    private static ServeOptions Options(string arguments)
    {
        var command = new ServeCommand(Interruption.Deaf());
        ParseResult parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return command.OptionsOf(parsed);
    }
}

using System.CommandLine;
using Mpathd.Serving;

namespace Mpathd.Commands;

/// <summary>The options that say how a disk is shown as a block device.</summary>
internal sealed class UblkArguments
{
    private const int MostQueues = 4096; // UBLK_MAX_NR_QUEUES
    private const int MostDepth = 4096; // UBLK_MAX_QUEUE_DEPTH

    private readonly Option<int?> _ublk = CliOptions.WithOrWithout("--ublk", "ID", ParseDevice,
        "A block device: ID makes it /dev/ublkbID, or takes it over if it waits for a new daemon; the next free one unless it is given");

    private readonly Option<int> _queues = CliOptions.Number("--queues", 1, MostQueues, 1, "Queues, each with a thread; the kernel has no more than processors");
    private readonly Option<int> _depth = CliOptions.Number("--depth", 1, MostDepth, 128, "Requests in flight, for each queue");

    private readonly Option<DiskRecovery?> _recovery = CliOptions.WithOrWithout("--recoverable", "reissue|queue|fail-io", ParseRecovery,
        "Keep the device when the daemon dies, for another one to take over with --ublk ID. I/O under way is done again (reissue, unless another is given) or fails (queue); with fail-io, what comes meanwhile fails as well");

    private readonly Option<bool> _userCopy = new("--user-copy") { Description = "The daemon copies data, not the kernel" };
    private readonly Option<bool> _zeroCopy = new("--zero-copy") { Description = "Data is not copied, where paths can do without" };
    private readonly Option<bool> _batch = new("--batch") { Description = "Requests are fetched and ended many at a time" };

    public UblkArguments() => _recovery.CompletionSources.Add("reissue", "queue", "fail-io");

    private Option[] Details => [_queues, _depth, _recovery, _userCopy, _zeroCopy, _batch];

    /// <summary>Gives them to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Add(_ublk);
        foreach (Option option in Details)
        {
            command.Add(option);
        }
    }

    /// <summary>Adds what a command line asks for. Who says how the device is to be wants one.</summary>
    /// <exception cref="MpathdException">Options do not go together.</exception>
    public ServeOptions AddTo(ServeOptions options, ParseResult parsed)
    {
        bool asked = IsGiven(parsed, _ublk);
        Option? detail = Details.FirstOrDefault(option => IsGiven(parsed, option));
        if (detail is not null && !asked && options.Nbd is not null)
        {
            throw MpathdException.WrongArguments(
                $"{detail.Name} says how a block device is, and --nbd alone makes none", $"leave {detail.Name} out, or give --ublk as well");
        }

        return options with
        {
            Ublk = asked || detail is not null,
            DeviceId = parsed.GetValue(_ublk) is >= 0 and int id ? id : null,
            Queues = parsed.GetValue(_queues),
            QueueDepth = parsed.GetValue(_depth),
            Recovery = parsed.GetValue(_recovery) ?? DiskRecovery.None,
            Mode = ModeOf(parsed),
        };
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static int ParseDevice(string? text) =>
        text is null ? -1 : CliOptions.ParseNumber(text, 0, ServeCommand.MostDevices - 1, 0);

    private static DiskRecovery ParseRecovery(string? text) => text switch
    {
        null or "reissue" => DiskRecovery.Reissue,
        "queue" => DiskRecovery.Queue,
        "fail-io" => DiskRecovery.FailIo,
        _ => throw new FormatException($"there is no recovery '{text}'; give reissue, queue or fail-io"),
    };

    private DataMode ModeOf(ParseResult parsed)
    {
        (bool Given, DataMode Mode)[] modes =
        [
            (parsed.GetValue(_userCopy), DataMode.UserCopy),
            (parsed.GetValue(_zeroCopy), DataMode.ZeroCopy),
            (parsed.GetValue(_batch), DataMode.Batch),
        ];
        DataMode[] given = [.. modes.Where(mode => mode.Given).Select(mode => mode.Mode)];
        return given.Length switch
        {
            0 => DataMode.Copy,
            1 => given[0],
            _ => throw MpathdException.WrongArguments("--user-copy, --zero-copy and --batch exclude each other", "give one of them, or none"),
        };
    }
}

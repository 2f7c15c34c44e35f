using System.CommandLine;

namespace Mpathd.Commands;

/// <summary><c>mpathd ublk</c>: the kernel's driver and its devices, without a daemon.</summary>
internal sealed class UblkCommand : Command, IHasExamples
{
    public UblkCommand()
        : base("ublk", "Shows and ends ublk devices, whoever serves them: talks to the kernel, not to a daemon")
    {
        Add(new UblkFeaturesCommand());
        Add(new UblkListCommand());
        Add(new UblkInfoCommand());
        Add(UblkEndCommand.Stop());
        Add(UblkEndCommand.Delete());
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd ublk features", "what this kernel's ublk can do"),
        ("mpathd ublk list --json", "all devices, for a script"),
        ("mpathd ublk delete 7", "takes /dev/ublkb7 away when its daemon has died"),
    ];
}

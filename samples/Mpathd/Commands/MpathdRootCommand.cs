using System.CommandLine;
using System.CommandLine.Help;

namespace Mpathd.Commands;

/// <summary>The program: its verbs, its help and its version.</summary>
internal sealed class MpathdRootCommand : RootCommand, IHasExamples
{
    public MpathdRootCommand(params Command[] verbs)
        : base("Several paths to the same storage behind one disk, in user space. One verb is one job.")
    {
        foreach (Command verb in verbs)
        {
            Add(verb);
        }

        foreach (HelpOption help in Options.OfType<HelpOption>())
        {
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        }
    }

    public IReadOnlyList<(string Line, string Does)> Examples =>
    [
        ("mpathd demo", "a multipath disk survives the loss of its paths"),
        ("mpathd io --path loop:disk.img --path loop:disk.img --rw randread", "reads a file of yours over two paths"),
        ("mpathd serve --path loop:disk.img --path loop:disk.img", "makes it a block device of this machine"),
        ("mpathd status --watch", "shows what is served"),
    ];
}

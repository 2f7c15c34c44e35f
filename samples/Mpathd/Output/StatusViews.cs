using Spectre.Console;

namespace Mpathd.Output;

/// <summary>Chooses how a status is shown: to whom, and whether once or again and again.</summary>
internal static class StatusViews
{
    // What a terminal has that says nothing; some are said to have no columns at all.
    private const int LeastWidth = 80;

    /// <summary>Chooses.</summary>
    public static IStatusView For(bool json, bool tree, bool watch)
    {
        bool interactive = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
        return json ? new JsonStatusView(Console.Out)
            : tree ? new TreeStatusView(Console.Out)
            : watch && !interactive ? new LineStatusView(Console.Out)
            : new TableStatusView(interactive ? AnsiConsole.Console : Plain());
    }

    // For a file, or another program: no colours.
    private static IAnsiConsole Plain()
    {
        IAnsiConsole plain = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(Console.Out),
        });
        plain.Profile.Width = Math.Max(plain.Profile.Width, LeastWidth);
        return plain;
    }
}

using Mpathd.Runs;
using Spectre.Console;

namespace Mpathd.Output;

/// <summary>
/// Everything that is said about one run: shows it while it is under way, in the way that suits who is there, and says
/// once, and only once, what has come of it.
/// </summary>
internal sealed class RunReporter
{
    private const string ShowCursor = "\e[?25h";

    private readonly TextWriter _output;
    private readonly bool _json;
    private readonly bool _verifies;
    private readonly bool _interactive;
    private int _reported;

    /// <summary>Makes a reporter to the standard output.</summary>
    /// <param name="json">Whether nothing but one line of JSON is wanted.</param>
    /// <param name="verifies">Whether the run looks at blocks.</param>
    public RunReporter(bool json, bool verifies)
    {
        _output = Console.Out;
        _json = json;
        _verifies = verifies;
        _interactive = !json && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
    }

    /// <summary>Says what is about to happen; not with JSON.</summary>
    public void Announce(string line)
    {
        if (!_json)
        {
            _output.WriteLine(line);
        }
    }

    /// <summary>Executes a run, shown while it is under way, and reports it.</summary>
    /// <param name="run">Not executed yet.</param>
    /// <param name="interruption">When a clean end takes too long, the report says how far the run has come.</param>
    /// <returns>How the program ends.</returns>
    public ExitCode Execute(MultipathRun run, Interruption interruption)
    {
        interruption.SetLastWords(() => LastWords(run));
        using var done = new ManualResetEvent(initialState: false);
        Task work = Task.Factory.StartNew(
            () =>
            {
                try
                {
                    run.Execute();
                }
                finally
                {
                    done.Set();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        View().Show(run, done);
        try
        {
            work.Wait();
        }
        catch (AggregateException exception) when (exception.InnerException is MpathdException inner)
        {
            throw inner;
        }

        RunReport report = run.Report();
        Report(report);
        return report.ExitCode;
    }

    private IRunView View() => _json ? new SilentView() : _interactive ? new LiveTableView(AnsiConsole.Console) : new LinesView(_output);

    private ExitCode LastWords(MultipathRun run)
    {
        if (_interactive)
        {
            _output.Write(ShowCursor);
        }

        RunReport report = run.Report();
        Report(report);
        return report.ExitCode;
    }

    private void Report(RunReport report)
    {
        if (Interlocked.Exchange(ref _reported, 1) != 0)
        {
            return;
        }

        if (_json)
        {
            _output.WriteLine(JsonReport.Format(report));
        }
        else
        {
            foreach (string line in TextReport.Lines(report, _verifies))
            {
                _output.WriteLine(line);
            }
        }

        _output.Flush();
    }
}

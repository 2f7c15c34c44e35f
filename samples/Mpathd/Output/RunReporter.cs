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

    private readonly Lock _lock = new();
    private readonly TextWriter _output;
    private readonly bool _json;
    private readonly bool _verifies;
    private readonly bool _interactive;
    private bool _reported;

    /// <summary>Makes a reporter.</summary>
    /// <param name="json">Whether nothing but one line of JSON is wanted.</param>
    /// <param name="verifies">Whether the run looks at blocks.</param>
    /// <param name="output">Where to; the standard output unless it is given.</param>
    public RunReporter(bool json, bool verifies, TextWriter? output = null)
    {
        _output = output ?? Console.Out;
        _json = json;
        _verifies = verifies;
        _interactive = !json && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;
    }

    /// <summary>
    /// How long last words wait for a report that was begun. With the time that a clean end may take, less than the two
    /// seconds that are promised.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(400);

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
        Report(report, Timeout.InfiniteTimeSpan);
        return report.ExitCode;
    }

    private IRunView View() => _json ? new SilentView() : _interactive ? new LiveTableView(AnsiConsole.Console) : new LinesView(_output);

    /// <summary>Says how far a run has come, unless what has come of it was said; not for long.</summary>
    /// <returns>How the program ends.</returns>
    internal ExitCode LastWords(MultipathRun run)
    {
        if (_interactive)
        {
            _output.Write(ShowCursor);
        }

        RunReport report = run.Report();
        Report(report, Patience);
        return report.ExitCode;
    }

    // Who ends the process meanwhile waits until all of it was said, but not for a reader that does not read.
    private void Report(RunReport report, TimeSpan patience)
    {
        if (!_lock.TryEnter(patience))
        {
            return;
        }

        try
        {
            if (!_reported)
            {
                _reported = true;
                Write(report);
            }
        }
        finally
        {
            _lock.Exit();
        }
    }

    private void Write(RunReport report)
    {
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

using Mpathd.Runs;

namespace Mpathd.Output;

/// <summary>Shows a run while it is under way.</summary>
internal interface IRunView
{
    /// <summary>Shows the run, and blocks until it is over.</summary>
    /// <param name="run">What is watched.</param>
    /// <param name="done">Set when the run is over, however it ended.</param>
    void Show(MultipathRun run, WaitHandle done);
}

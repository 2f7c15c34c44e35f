using Mpathd.Runs;

namespace Mpathd.Output;

/// <summary>Shows nothing: for those who want the JSON line alone.</summary>
internal sealed class SilentView : IRunView
{
    public void Show(MultipathRun run, WaitHandle done) => done.WaitOne();
}

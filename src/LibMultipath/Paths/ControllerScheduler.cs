using LibMultipath.Work;

namespace LibMultipath.Paths;

/// <summary>Schedules work for a controller where its paths have theirs at the time.</summary>
internal sealed class ControllerScheduler(MpathController controller) : IWorkScheduler
{
    public void Schedule(DeferredWork work) => controller.Scheduler.Schedule(work);
}

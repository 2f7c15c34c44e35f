using LibMultipath.IoUring.Loops;

namespace LibMultipath.IoUring.Tests.Kit;

/// <summary>Work that does as a test says.</summary>
internal sealed class PostedWork(Action run) : RingWork
{
    protected internal override void Run() => run();
}

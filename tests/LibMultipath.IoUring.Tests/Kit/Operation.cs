using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Loops;

namespace LibMultipath.IoUring.Tests.Kit;

/// <summary>An operation that does as a test says.</summary>
internal sealed class Operation(Action<int, CqeFlags>? completed = null) : RingOperation
{
    public List<int> Results { get; } = [];

    protected internal override void Completed(int result, CqeFlags flags)
    {
        Results.Add(result);
        completed?.Invoke(result, flags);
    }
}

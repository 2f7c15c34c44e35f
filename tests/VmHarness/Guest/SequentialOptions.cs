using Xunit.Abstractions;

namespace VmHarness.Guest;

/// <summary>One test at a time, each message before what comes after it; all else as by default.</summary>
internal sealed class SequentialOptions : ITestFrameworkExecutionOptions
{
    private readonly Dictionary<string, object?> _values = new()
    {
        ["xunit.execution.DisableParallelization"] = true,
        ["xunit.execution.SynchronousMessageReporting"] = true,
    };

    public TValue? GetValue<TValue>(string name) => _values.TryGetValue(name, out var value) ? (TValue?)value : default;

    public void SetValue<TValue>(string name, TValue value) => _values[name] = value;
}

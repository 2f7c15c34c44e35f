using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Framework;

/// <summary>Runs the test cases that were asked for; it is here that they are all known.</summary>
public sealed class MachineTestFrameworkExecutor(AssemblyName assembly, ISourceInformationProvider source,
    IMessageSink diagnostics) : XunitTestFrameworkExecutor(assembly, source, diagnostics)
{
    protected override async void RunTestCases(IEnumerable<IXunitTestCase> testCases, IMessageSink sink,
        ITestFrameworkExecutionOptions options)
    {
        using var runner = new MachineTestAssemblyRunner(TestAssembly, testCases, DiagnosticMessageSink, sink, options);
        await runner.RunAsync();
    }
}

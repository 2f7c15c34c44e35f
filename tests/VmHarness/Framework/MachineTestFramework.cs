using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace VmHarness.Framework;

/// <summary>xunit's framework, but for the tests that have to run in a virtual machine.</summary>
public sealed class MachineTestFramework(IMessageSink diagnostics) : XunitTestFramework(diagnostics)
{
    protected override ITestFrameworkExecutor CreateExecutor(AssemblyName assembly) =>
        new MachineTestFrameworkExecutor(assembly, SourceInformationProvider, DiagnosticMessageSink);
}

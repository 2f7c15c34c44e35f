using System.Runtime.InteropServices;
using VmHarness.Facts;
using VmHarness.Records;
using Xunit.Sdk;

namespace VmHarness.Machines;

/// <summary>What a guest has to run, and how.</summary>
internal sealed class Plan(string assembly, IReadOnlyList<MachineTestCase> testCases)
{
    private readonly string _assembly = PathOf(assembly);

    /// <summary>Where a test assembly is: xunit names it without its folder.</summary>
    public static string PathOf(string assembly) => Path.GetFullPath(assembly, AppContext.BaseDirectory);

    /// <summary>What all of it takes when nearly everything hangs; a bound, not a guess.</summary>
    public TimeSpan Limit
    {
        get
        {
            var sum = TimeSpan.FromTicks(testCases.Sum(testCase => testCase.Needs.Limit.Ticks));
            var most = TimeSpan.FromMinutes(
                double.TryParse(Environment.GetEnvironmentVariable("VM_TESTS_MINUTES"), out var minutes) ? minutes : 50);
            return sum < most ? sum : most;
        }
    }

    public void Write(Layout layout) => File.WriteAllLines(layout.Plan,
        [_assembly, .. testCases.Select(testCase => $"{testCase.UniqueID} {SerializationHelper.Serialize(testCase)}")]);

    /// <summary>
    /// The supervisor, and below it this program on the dependencies of the test assembly. The same runtime as here, which
    /// the guest finds at the same path. The images are copied over the assemblies there: those of the host stay as they are.
    /// </summary>
    public IEnumerable<string> Command(Layout layout, string images)
    {
        var stem = Path.ChangeExtension(_assembly, null);
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        var dotnet = Path.Combine(runtime.Parent!.Parent!.Parent!.FullName, "dotnet");
        var folder = Path.GetDirectoryName(_assembly)!;
        return ["/bin/bash", Path.Combine(folder, "Guest", "supervise"), layout.Folder, images, folder, dotnet, "exec",
            "--depsfile", stem + ".deps.json", "--runtimeconfig", stem + ".runtimeconfig.json",
            Path.Combine(folder, "VmHarness.dll"), layout.Folder];
    }
}

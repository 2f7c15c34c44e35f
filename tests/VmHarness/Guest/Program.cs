using System.Runtime.Loader;
using VmHarness.Framework;
using VmHarness.Records;
using Xunit.Sdk;

namespace VmHarness.Guest;

/// <summary>
/// Runs in the guest, below the supervisor: <c>VmHarness.dll FOLDER</c> runs the cases of the plan that the journal does
/// not know yet. The one that had started when the process before this one ended has failed.
/// </summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        SteadyKernel.Keep();
        var layout = new Layout(arguments[0]);
        var plan = File.ReadAllLines(layout.Plan);
        var assembly = AssemblyLoadContext.Default.LoadFromAssemblyPath(plan[0]);
        using var journal = new JournalWriter(layout);
        journal.EndInterrupted();

        var testCases = new List<IXunitTestCase>();
        foreach (var line in plan[1..])
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (!journal.Knows(line[..space]))
            {
                testCases.Add(SerializationHelper.Deserialize<IXunitTestCase>(line[(space + 1)..]));
            }
        }

        using var framework = new MachineTestFramework(new QuietSink());
        var executor = framework.GetExecutor(assembly.GetName());
        using var sink = new JournalSink(journal);
        executor.RunTests(testCases, sink, new SequentialOptions());
        sink.WaitForEnd();
        return 0;
    }
}

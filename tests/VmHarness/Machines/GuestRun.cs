using System.Collections.Concurrent;
using System.Diagnostics;
using VmHarness.Facts;
using VmHarness.Records;
using Xunit.Abstractions;

namespace VmHarness.Machines;

/// <summary>
/// One guest in which all the cases run, one after the other. Their outcomes come in while it runs. Guests wait for each other, those of other test processes included: a machine that emulates
/// two is slower than one that emulates one after the other.
/// </summary>
internal sealed class GuestRun
{
    private const int MostGuests = 4;

    private static readonly TimeSpan s_boot = TimeSpan.FromMinutes(4);

    // The last two: under emulation what a process does at its start takes seconds, and most of them live for a few only.
    private static readonly string[] s_environment =
    [
        "VM_TESTS=here", "VM_REPEATS", "VM_TESTS_PATIENCE", "LIBMULTIPATH_CRASH_ROUNDS", "LIBMULTIPATH_SEED",
        "DOTNET_TieredPGO=0", "DOTNET_EnableDiagnostics=0",
    ];

    private readonly ITestAssembly _assembly;
    private readonly string _kernel;
    private readonly GuestImages _images;
    private readonly IReadOnlyList<MachineTestCase> _testCases;
    private readonly Dictionary<string, PendingCase> _pending;
    private readonly ConcurrentQueue<string> _failures = [];
    private Task _run = Task.CompletedTask;

    public GuestRun(ITestAssembly assembly, string kernel, GuestImages images, IReadOnlyList<MachineTestCase> testCases)
    {
        _assembly = assembly;
        _kernel = kernel;
        _images = images;
        _testCases = testCases;
        _pending = testCases.DistinctBy(testCase => testCase.UniqueID)
            .ToDictionary(testCase => testCase.UniqueID, testCase => new PendingCase(testCase.DisplayName));
    }

    /// <summary>Boots it, when it is its turn.</summary>
    public void Start() => _run = Task.Run(RunAsync);

    public async Task<IReadOnlyList<TestRecord>> OutcomeAsync(MachineTestCase testCase, CancellationToken cancellation) =>
        await _pending[testCase.UniqueID].Outcome.WaitAsync(cancellation);

    /// <summary>Waits for the end, and returns what failed beside the tests, such as the disposal of a fixture.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _run;
        return [.. _failures];
    }

    private async Task RunAsync()
    {
        try
        {
            if (await VmCommand.ObstacleAsync(_kernel) is { } obstacle)
            {
                EndAll(name => TestRecord.Skip(name, OwnKernel.HasUblk
                    ? $"It needs kernel {_kernel}, and no virtual machine can be booted: {obstacle}"
                    : $"This kernel has no ublk that may be used, and no virtual machine can be booted: {obstacle}"));
                return;
            }

            // While another guest runs, perhaps.
            var images = await _images.FolderAsync();
            using (await MachineLock.TakeAsync())
            {
                await RunGuestsAsync(images);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidOperationException
            or System.ComponentModel.Win32Exception or System.Text.Json.JsonException or TimeoutException)
        {
            EndAll(name => TestRecord.Failure(name, $"The guest could not be run: {exception.Message}", exception.ToString()));
        }
    }

    private async Task RunGuestsAsync(string images)
    {
        // A guest that a test has brought down is not the end of the others: they get a new one.
        for (var guests = 1; Unfinished().Count > 0; guests++)
        {
            var end = await RunGuestAsync(Unfinished(), images);
            var running = _pending.Values.FirstOrDefault(pending => pending.Running);
            if (running is null || end.TimeWasOver || guests == MostGuests)
            {
                EndAll(name => TestRecord.Failure(name, $"{end.Summary}{Where(name)}\n{end.LastLine}", end.Console));
                return;
            }

            running.Stop();
            if (!end.BrokenByEmulator || guests == MostGuests - 1)
            {
                running.End(TestRecord.Failure(running.Name, $"{end.Summary} while this test ran.\n{end.LastLine}", end.Console));
            }
        }
    }

    private async Task<GuestEnd> RunGuestAsync(IReadOnlyList<MachineTestCase> testCases, string images)
    {
        using var folder = new TemporaryFolder("vm-tests-");
        var layout = new Layout(folder.Path);
        var plan = new Plan(_assembly.Assembly.AssemblyPath, testCases);
        plan.Write(layout);
        var watch = Stopwatch.StartNew();
        var limit = s_boot + plan.Limit;
        using var process = VmCommand.Start(["--leash", "--kernel", _kernel, "--memory", "4096", "--numa", "2", "--timeout",
            ((int)limit.TotalSeconds).ToString(), "--share", layout.Folder, "--share", images,
            .. s_environment.SelectMany(variable => new[] { "--env", variable }), "--", .. plan.Command(layout, images)]);
        var console = new ConsoleTail(process);
        using var journal = new JournalReader(layout);
        while (!process.HasExited)
        {
            journal.ReadNew(Note);
            await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(200));
        }

        journal.ReadNew(Note);
        return new GuestEnd(process.ExitCode, watch.Elapsed, await console.EndAsync());
    }

    private List<MachineTestCase> Unfinished() =>
        [.. _testCases.Where(testCase => !_pending[testCase.UniqueID].Outcome.IsCompleted)];

    private string Where(string name) =>
        _pending.Values.FirstOrDefault(pending => pending.Running) is not { } running ? "; no test was running then."
        : running.Name == name ? " while this test ran."
        : $" before this test ended; {running.Name} was running.";

    private void Note(Line line)
    {
        if (!_pending.TryGetValue(line.Case, out var pending))
        {
            _failures.Enqueue(line.Test is null ? line.Case : string.Join('\n', line.Test.Messages));
        }
        else
        {
            pending.Note(line);
        }
    }

    private void EndAll(Func<string, TestRecord> record)
    {
        // The texts speak of what was running, so that all are made before the first case ends.
        var unfinished = _pending.Values.Where(pending => !pending.Outcome.IsCompleted).ToList();
        var records = unfinished.ConvertAll(pending => record(pending.Name));
        foreach (var (pending, end) in unfinished.Zip(records))
        {
            pending.End(end);
        }
    }
}

using VmHarness.Facts;
using VmHarness.Records;
using Xunit.Abstractions;

namespace VmHarness.Machines;

/// <summary>
/// Says where every test case runs. The environment variable <c>VM_TESTS</c> overrides: <c>here</c> in this process
/// (as in the guest), <c>guest</c> in a virtual machine even where there is a ublk, <c>skip</c> nowhere.
/// </summary>
internal sealed class Placements
{
    private const string DefaultKernel = "7.2";

    private readonly string? _choice = Environment.GetEnvironmentVariable("VM_TESTS");
    private readonly GuestImages _images;
    private readonly Dictionary<string, GuestRun> _guests;

    public Placements(ITestAssembly assembly, IEnumerable<MachineTestCase> testCases)
    {
        _images = new GuestImages(assembly.Assembly.AssemblyPath);
        _guests = testCases.Where(testCase => !IsHere(testCase)).GroupBy(KernelOf)
            .ToDictionary(group => group.Key, group => new GuestRun(assembly, group.Key, _images, [.. group]));
    }

    public bool IsHere(MachineTestCase testCase) => _choice switch
    {
        "here" => true,
        "guest" or "skip" => false,
        _ => OwnKernel.HasUblk && (testCase.Needs.Kernel is null || OwnKernel.Is(testCase.Needs.Kernel)),
    };

    /// <summary>
    /// Boots the guests, or has them wait for their turn: they take the longest by far, and everything else runs meanwhile.
    /// </summary>
    public void Start()
    {
        foreach (var guest in _guests.Values.Where(_ => _choice != "skip"))
        {
            guest.Start();
        }
    }

    /// <summary>Waits until the case has ended in its guest.</summary>
    public async Task<IReadOnlyList<TestRecord>> OutcomeAsync(MachineTestCase testCase, CancellationToken cancellation) =>
        _choice == "skip"
            ? [TestRecord.Skip(testCase.DisplayName, "VM_TESTS=skip was asked for.")]
            : await _guests[KernelOf(testCase)].OutcomeAsync(testCase, cancellation);

    /// <summary>Waits for the guests to end, and returns what failed beside the tests.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        var failures = new List<string>();
        foreach (var guest in _guests.Values)
        {
            failures.AddRange(await guest.EndAsync());
        }

        _images.Dispose();
        return failures;
    }

    private static string KernelOf(MachineTestCase testCase) => testCase.Needs.Kernel ?? DefaultKernel;
}

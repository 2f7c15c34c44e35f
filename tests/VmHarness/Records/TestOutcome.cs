namespace VmHarness.Records;

public enum TestOutcome
{
    Passed,
    Failed,
    Skipped,
}

namespace VmHarness.Records;

/// <summary>The virtual machine, or the process in it, could not run a test to its end.</summary>
public sealed class VmException(string message) : Exception(message);

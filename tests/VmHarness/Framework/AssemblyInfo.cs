// Compiled into every test project that has tests for the virtual machine.
[assembly: Xunit.TestFramework("VmHarness.Framework.MachineTestFramework", "VmHarness")]

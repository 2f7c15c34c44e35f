using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed class LoopFailureOnRingsTests(ITestOutputHelper output) : LoopFailureTests(LoopEngine.Ring, output);

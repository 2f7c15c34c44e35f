using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed class LoopRemovalOnRingsTests(ITestOutputHelper output) : LoopRemovalTests(LoopEngine.Ring, output);

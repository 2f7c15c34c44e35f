using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed class LoopIoOnRingsTests(ITestOutputHelper output) : LoopIoTests(LoopEngine.Ring, output);

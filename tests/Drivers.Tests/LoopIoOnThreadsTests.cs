using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed class LoopIoOnThreadsTests(ITestOutputHelper output) : LoopIoTests(LoopEngine.Threads, output);

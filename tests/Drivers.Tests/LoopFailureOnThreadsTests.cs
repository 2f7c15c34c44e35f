using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed class LoopFailureOnThreadsTests(ITestOutputHelper output) : LoopFailureTests(LoopEngine.Threads, output);

using LoopDriver;
using Xunit.Abstractions;

namespace Drivers.Tests;

public sealed class LoopRemovalOnThreadsTests(ITestOutputHelper output) : LoopRemovalTests(LoopEngine.Threads, output);

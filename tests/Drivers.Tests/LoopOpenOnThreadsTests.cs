using LoopDriver;

namespace Drivers.Tests;

public sealed class LoopOpenOnThreadsTests() : LoopOpenTests(LoopEngine.Threads);

using LoopDriver;

namespace Drivers.Tests;

public sealed class LoopOpenOnRingsTests() : LoopOpenTests(LoopEngine.Ring);

namespace Drivers.Tests.Kit;

/// <summary>Answers an ioctl: what it is, or a negative errno.</summary>
internal unsafe delegate int FakeControl(uint command, void* argument);

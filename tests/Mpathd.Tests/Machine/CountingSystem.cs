using BdevDriver.Devices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace Mpathd.Tests.Machine;

/// <summary>The machine's own answers but for ioctls that its kernel is to lack; counts what was asked.</summary>
internal sealed unsafe class CountingSystem(params uint[] lacks) : DeviceSystem
{
    private readonly Dictionary<uint, int> _asked = [];

    public int Asked(uint command)
    {
        lock (_asked)
        {
            return _asked.GetValueOrDefault(command);
        }
    }

    public override int Control(SafeFileHandle device, uint command, void* argument)
    {
        lock (_asked)
        {
            _asked[command] = _asked.GetValueOrDefault(command) + 1;
        }

        return lacks.Contains(command) ? -(int)Errno.ENOTTY : base.Control(device, command, argument);
    }
}

using System.Runtime.InteropServices;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Control;

/// <summary>Commands that nobody waits for any more, and that the kernel has not ended: what they use is kept until it has.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class AbandonedCommands : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ControlRing> _rings = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _rings.Count;
            }
        }
    }

    /// <summary>Takes a ring with a command that does not end.</summary>
    public void Add(ControlRing ring)
    {
        lock (_lock)
        {
            _rings.Add(ring);
        }
    }

    /// <summary>Gives back what has ended.</summary>
    /// <returns>Devices that were added after all, and that nobody knows of; mostly null.</returns>
    public List<int>? Sweep()
    {
        List<int>? added = null;
        lock (_lock)
        {
            for (int i = _rings.Count - 1; i >= 0; i--)
            {
                ControlRing ring = _rings[i];
                if (ring.HasEnded(out int result, out ReadOnlySpan<byte> payload))
                {
                    if (ring.Command.Number == UblkCommand.UBLK_U_CMD_ADD_DEV && result >= 0)
                    {
                        (added ??= []).Add((int)MemoryMarshal.Read<ublksrv_ctrl_dev_info>(payload).dev_id);
                    }

                    ring.Dispose();
                    _rings.RemoveAt(i);
                }
            }
        }

        return added;
    }

    /// <summary>Closes every ring; the memory of those that have not ended stays, for the kernel to write to.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (ControlRing ring in _rings)
            {
                ring.Dispose();
            }

            _rings.Clear();
        }
    }
}

using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring.Tests.Kit;

/// <summary>This system, but older or stricter: it refuses flags that it does not know, fails as told, and has settings of its own.</summary>
internal sealed unsafe class StubSystem : RingSystem
{
    /// <summary>The flags that its kernel knows; any other is EINVAL.</summary>
    public RingSetup Knows { get; init; } = (RingSetup)uint.MaxValue;

    /// <summary>What every set-up fails with.</summary>
    public Errno Fails { get; init; }

    /// <summary>What its kernel cannot do.</summary>
    public RingFeatures Lacks { get; init; }

    /// <summary>What <c>/proc/sys/kernel/io_uring_disabled</c> says.</summary>
    public string Disabled { get; init; } = "0";

    /// <summary>What it was asked for, one set-up after the other.</summary>
    public List<RingSetup> Asked { get; } = [];

    public override int Setup(uint entries, io_uring_params* parameters)
    {
        Asked.Add(parameters->flags);
        Errno error = Fails != Errno.None ? Fails : (parameters->flags & ~Knows) != 0 ? Errno.EINVAL : Errno.None;
        if (error != Errno.None)
        {
            Marshal.SetLastPInvokeError((int)error);
            return -1;
        }

        int descriptor = base.Setup(entries, parameters);
        parameters->features &= ~Lacks;
        return descriptor;
    }

    public override string ReadSetting(string file) =>
        file == "/proc/sys/kernel/io_uring_disabled" ? Disabled : base.ReadSetting(file);
}

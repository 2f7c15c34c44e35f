namespace LibMultipath.Ublk.Abi;

/// <summary>What kind of disk it is: the kernel's UBLK_ATTR bits.</summary>
[Flags]
public enum UblkAttributes : uint
{
    /// <summary>A writable disk without a volatile cache: what is acknowledged is durable.</summary>
    None = 0,

    /// <summary>Writes are refused by the kernel.</summary>
    ReadOnly = 1 << 0,

    /// <summary>Seeks are slow.</summary>
    Rotational = 1 << 1,

    /// <summary>What is acknowledged is durable only after a flush, so the kernel sends flushes.</summary>
    VolatileCache = 1 << 2,

    /// <summary>Writes can be asked to be durable by themselves; without <see cref="VolatileCache"/> the kernel ignores this bit.</summary>
    Fua = 1 << 3,
}

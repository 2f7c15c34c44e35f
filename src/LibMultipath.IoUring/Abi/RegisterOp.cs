namespace LibMultipath.IoUring.Abi;

/// <summary>What <c>io_uring_register</c> is asked for (<c>enum io_uring_register_op</c>).</summary>
internal enum RegisterOp : uint
{
    Probe = 8,
    EnableRings = 12,
    Files2 = 13,
    FilesUpdate2 = 14,
    Buffers2 = 15,
    BuffersUpdate = 16,
    PbufRing = 22,
    UnregisterPbufRing = 23,
}

using LibMultipath.Block;
using LibMultipath.IoUring.Loops;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Host;

/// <summary>The bio of a tag, made once; its request changes.</summary>
internal sealed class DiskIoSlot
{
    private static readonly Action<Bio> s_ended = bio => ((DiskIoSlot)bio.State!).Ended(bio);

    private readonly BlockDevice _disk;
    private readonly Bio _bio;
    private UblkRequest _request;
    private RingBuffer? _registered;

    public DiskIoSlot(BlockDevice disk)
    {
        _disk = disk;
        _bio = new Bio { EndIo = s_ended, State = this };
    }

    /// <summary>Makes a request a bio and submits it. The request ends when the bio does.</summary>
    public void Submit(UblkRequest request)
    {
        _request = request;
        if (OpOf(request.Op) is not { } op)
        {
            request.Fail(Errno.EOPNOTSUPP);
            return;
        }

        _bio.Reset(op, op is BioOp.Flush or BioOp.ZoneResetAll ? 0 : request.Sector, FlagsOf(request.Flags));
        if (request.HasData)
        {
            if (op != BioOp.Read && request.Queue.Mode == UblkDataMode.UserCopy)
            {
                Errno error = request.CopyIn();
                if (error != Errno.None)
                {
                    request.Fail(error);
                    return;
                }
            }

            _bio.AddSegment(DataOf(request));
        }
        else if (op is BioOp.Discard or BioOp.WriteZeroes)
        {
            _bio.Size = request.Bytes;
        }

        _disk.Submit(_bio);
    }

    private unsafe BioSegment DataOf(UblkRequest request)
    {
        if (request.Queue.Mode is UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy)
        {
            // A tag has its slot, and another one for when the driver could not register by itself.
            if (_registered is null || _registered.Slot != request.BufferSlot)
            {
                _registered = new RingBuffer(request.Queue.Loop, request.BufferSlot, request.Queue.MaxIoBytes);
            }

            return new BioSegment(_registered.Memory[..(int)request.Bytes]);
        }

        return new BioSegment((nint)request.Buffer, (int)request.Bytes);
    }

    private void Ended(Bio bio)
    {
        UblkRequest request = _request;
        if (bio.Status == BlockStatus.Ok && bio.Op == BioOp.Read && request.Queue.Mode == UblkDataMode.UserCopy)
        {
            Errno error = request.CopyOut();
            if (error != Errno.None)
            {
                request.Fail(error);
                return;
            }
        }

        _ = bio.Status == BlockStatus.Ok && bio.Op == BioOp.ZoneAppend ? request.CompleteAppend(bio.AppendedSector) : request.Complete(bio.Status);
    }

    private static BioOp? OpOf(UblkOp op) => op switch
    {
        UblkOp.Read => BioOp.Read,
        UblkOp.Write => BioOp.Write,
        UblkOp.Flush => BioOp.Flush,
        UblkOp.Discard => BioOp.Discard,
        UblkOp.WriteZeroes => BioOp.WriteZeroes,
        UblkOp.ZoneAppend => BioOp.ZoneAppend,
        UblkOp.ZoneOpen => BioOp.ZoneOpen,
        UblkOp.ZoneClose => BioOp.ZoneClose,
        UblkOp.ZoneFinish => BioOp.ZoneFinish,
        UblkOp.ZoneReset => BioOp.ZoneReset,
        UblkOp.ZoneResetAll => BioOp.ZoneResetAll,
        _ => null,
    };

    private static BioFlags FlagsOf(UblkIoFlags flags)
    {
        if (flags == UblkIoFlags.None)
        {
            return BioFlags.None;
        }

        BioFlags asked = BioFlags.None;
        asked |= (flags & UblkIoFlags.FailfastDevice) != 0 ? BioFlags.FailFastDev : 0;
        asked |= (flags & UblkIoFlags.FailfastTransport) != 0 ? BioFlags.FailFastTransport : 0;
        asked |= (flags & UblkIoFlags.FailfastDriver) != 0 ? BioFlags.FailFastDriver : 0;
        asked |= (flags & UblkIoFlags.Meta) != 0 ? BioFlags.Meta : 0;
        asked |= (flags & UblkIoFlags.Fua) != 0 ? BioFlags.Fua : 0;
        asked |= (flags & UblkIoFlags.NoUnmap) != 0 ? BioFlags.NoUnmap : 0;
        return asked;
    }
}

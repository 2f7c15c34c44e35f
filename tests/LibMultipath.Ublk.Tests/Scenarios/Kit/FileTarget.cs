using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Loops;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Queues;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>Serves a device from a file, with I/O on the queue's own ring, in every data mode.</summary>
internal class FileTarget(SafeFileHandle file) : UblkTarget
{
    private readonly Dictionary<(UblkQueue Queue, int Tag), Io> _ios = [];

    /// <summary>How many requests have come.</summary>
    public long Requests => Volatile.Read(ref _requests);

    private long _requests;

    protected internal override void Handle(UblkRequest request)
    {
        Interlocked.Increment(ref _requests);
        Io? io;
        lock (_ios)
        {
            if (!_ios.TryGetValue((request.Queue, request.Tag), out io))
            {
                _ios[(request.Queue, request.Tag)] = io = new Io(file);
            }
        }

        io.Begin(request);
    }

    private sealed unsafe class Io(SafeFileHandle file) : RingOperation
    {
        private UblkRequest _request;

        public void Begin(UblkRequest request)
        {
            _request = request;
            RingLoop loop = request.Queue.Loop;
            bool registered = request.Queue.Mode is UblkDataMode.ZeroCopy or UblkDataMode.AutoZeroCopy;
            int descriptor = (int)file.DangerousGetHandle();
            ulong offset = (ulong)request.Sector * 512;
            switch (request.Op)
            {
                case UblkOp.Read when registered:
                    loop.Prepare(this).PrepReadFixed(descriptor, 0, (uint)request.Bytes, offset, request.BufferSlot);
                    break;
                case UblkOp.Write when registered:
                    loop.Prepare(this).PrepWriteFixed(descriptor, 0, (uint)request.Bytes, offset, request.BufferSlot);
                    break;
                case UblkOp.Read:
                    loop.Prepare(this).PrepRead(descriptor, request.Buffer, (uint)request.Bytes, offset);
                    break;
                case UblkOp.Write:
                    if (request.Queue.Mode == UblkDataMode.UserCopy && request.CopyIn() is not Errno.None and var error)
                    {
                        request.Fail(error);
                        break;
                    }

                    loop.Prepare(this).PrepWrite(descriptor, request.Buffer, (uint)request.Bytes, offset);
                    break;
                case UblkOp.Flush:
                    loop.Prepare(this).PrepFsync(descriptor, dataOnly: true);
                    break;
                case UblkOp.Discard or UblkOp.WriteZeroes:
                    loop.Prepare(this).PrepFallocate(descriptor, 3, offset, (ulong)request.Bytes); // PUNCH_HOLE | KEEP_SIZE
                    break;
                default:
                    request.Fail(Errno.EOPNOTSUPP);
                    break;
            }
        }

        protected internal override void Completed(int result, CqeFlags flags)
        {
            if (result < 0)
            {
                _request.Fail((Errno)(-result));
            }
            else if (_request.Op == UblkOp.Read && _request.Queue.Mode == UblkDataMode.UserCopy && _request.CopyOut() is not Errno.None and var error)
            {
                _request.Fail(error);
            }
            else
            {
                _request.Complete(_request.HasData ? result : 0);
            }
        }
    }
}

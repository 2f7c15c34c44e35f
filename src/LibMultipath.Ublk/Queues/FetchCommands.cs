using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Queues;

/// <summary>
/// A command a tag: FETCH_REQ at first, then COMMIT_AND_FETCH_REQ for ever. The command of a tag that waits for a
/// request is with the kernel; when it completes there is one.
/// </summary>
internal sealed unsafe class FetchCommands(UblkQueue queue) : QueueCommands(queue, batches: false)
{
    private const ulong Mark = FirstOwnKind;

    private readonly bool _sendsBuffer = queue.Mode is UblkDataMode.Copy or UblkDataMode.GetData;
    private readonly bool _sendsSlot = queue.Mode == UblkDataMode.AutoZeroCopy;
    private bool _ending;
    private bool _marked;
    private bool _committedSinceMark;

    public override void Start()
    {
        for (int tag = Queue.FirstTag; tag < Queue.FirstTag + Queue.TagCount; tag++)
        {
            PrepareFetch(UblkIo.UBLK_U_IO_FETCH_REQ, tag, ref Queue.TagState(tag));
        }
    }

    public override void Commit(int tag, ref UblkTag state)
    {
        Leaving(tag, ref state);
        ublksrv_io_cmd* command = PrepareFetch(UblkIo.UBLK_U_IO_COMMIT_AND_FETCH_REQ, tag, ref state);
        command->result = state.Result;
        if (state.AppendSector != 0)
        {
            command->addr = state.AppendSector;
            state.AppendSector = 0;
        }

        if (_ending)
        {
            _committedSinceMark = true;
            MarkEnd();
        }
    }

    protected override void CommandCompleted(ulong kind, int tag, int result, CqeFlags flags)
    {
        if (kind == Mark)
        {
            MarkCompleted();
            return;
        }

        switch (result)
        {
            case UblkIo.UBLK_IO_RES_OK:
                Arrived(tag);
                break;
            case UblkIo.UBLK_IO_RES_NEED_GET_DATA:
                PrepareFetch(UblkIo.UBLK_U_IO_NEED_GET_DATA, tag, ref Queue.TagState(tag));
                break;
            case UblkIo.UBLK_IO_RES_ABORT:
                Queue.TakenBack();
                _ending = true;
                MarkEnd();
                break;
            default:
                Queue.FetchFailed((Errno)(-result));
                break;
        }
    }

    // A device that is quiesced gives no new requests, and then takes back every tag once: what had come before that was
    // put into the ring before the first tag that is taken back. A tag that is committed later, and thereby fetched
    // again, may wait for ever. So the queue has ended when nothing is with the target and the kernel has every commit.
    private void MarkEnd()
    {
        if (!_marked && Queue.RequestsWithTarget == 0 && !Queue.IsEnded)
        {
            _marked = true;
            _committedSinceMark = false;
            PrepareMark(Mark);
        }
    }

    private void MarkCompleted()
    {
        _marked = false;
        if (Queue.RequestsWithTarget == 0 && !_committedSinceMark)
        {
            Queue.TakenBack(Queue.TagCount);
        }
        else
        {
            MarkEnd();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ublksrv_io_cmd* PrepareFetch(uint operation, int tag, ref UblkTag state)
    {
        ref io_uring_sqe sqe = ref Prepare(operation, Fetch, tag);
        if (_sendsSlot)
        {
            // Where the driver is to register the pages of the tag's next request.
            sqe.addr = new ublk_auto_buf_reg { index = Queue.AutomaticSlotOf(tag), flags = UblkIo.UBLK_AUTO_BUF_REG_FALLBACK }.ToSqeAddr();
        }

        var command = (ublksrv_io_cmd*)sqe.Command;
        command->q_id = (ushort)Queue.QueueId;
        command->tag = (ushort)tag;
        if (_sendsBuffer)
        {
            command->addr = (ulong)state.Buffer;
        }

        return command;
    }
}

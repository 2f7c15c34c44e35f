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
    private const ulong FirstFetch = FirstOwnKind + 1;
    private const ulong FirstMark = FirstOwnKind + 2;

    private readonly bool _sendsBuffer = queue.Mode is UblkDataMode.Copy or UblkDataMode.GetData;
    private readonly bool _sendsSlot = queue.Mode == UblkDataMode.AutoZeroCopy;
    private readonly bool _getsData = queue.Mode == UblkDataMode.GetData;
    private bool _ending;
    private bool _marked;
    private bool _committedSinceMark;

    public override void Start()
    {
        for (int tag = Queue.FirstTag; tag < Queue.FirstTag + Queue.TagCount; tag++)
        {
            Due(FirstFetch, tag);
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
        switch (kind)
        {
            case Mark:
                MarkCompleted();
                break;
            case FirstMark:
                PrepareMark(Mark);
                break;
            case FirstFetch:
                PrepareFetch(UblkIo.UBLK_U_IO_FETCH_REQ, tag, ref Queue.TagState(tag));
                break;
            default:
                Fetched(tag, result);
                break;
        }
    }

    private void Fetched(int tag, int result)
    {
        if (_getsData)
        {
            DataCame(ref Queue.TagState(tag));
        }

        switch (result)
        {
            case UblkIo.UBLK_IO_RES_OK:
                Arrived(tag);
                break;
            case UblkIo.UBLK_IO_RES_NEED_GET_DATA:
                GetData(tag, ref Queue.TagState(tag));
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

    // Until the data is here, or the request is taken back, it is on its way to the target.
    private void GetData(int tag, ref UblkTag state)
    {
        state.GetsData = true;
        Coming++;
        PrepareFetch(UblkIo.UBLK_U_IO_NEED_GET_DATA, tag, ref state);
    }

    private void DataCame(ref UblkTag state)
    {
        if (state.GetsData)
        {
            state.GetsData = false;
            Coming--;
        }
    }

    // A device that is quiesced gives no new requests, and then takes back every tag once: what had come before that was
    // put into the ring before the first tag that is taken back. A tag that is committed later, and thereby fetched
    // again, may wait for ever. So the queue has ended when nothing is with the target, or on its way there, and the
    // kernel has every commit.
    private void MarkEnd()
    {
        if (!_marked && HasNone && !Queue.IsEnded)
        {
            _marked = true;
            _committedSinceMark = false;
            Due(FirstMark, 0);
        }
    }

    private void MarkCompleted()
    {
        _marked = false;
        if (HasNone && !_committedSinceMark)
        {
            Queue.TakenBack(Queue.TagCount);
        }
        else
        {
            MarkEnd();
        }
    }

    private bool HasNone => Queue.RequestsWithTarget == 0 && Coming == 0;

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

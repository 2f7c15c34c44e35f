using LibMultipath.Block;

namespace LibMultipath.Tests.Torture;

// What comes back.
internal sealed partial class TortureSubmitter
{
    private void CheckEnded(TortureSlot slot)
    {
        if (slot.Status != BlockStatus.Ok || slot.WasCancelled || slot.BackStatus is not (null or BlockStatus.Ok))
        {
            CheckError(slot);
        }

        if (slot.Op != BioOp.Flush)
        {
            CheckBlocks(slot);
            _store.Cover(_firstBlock + slot.First, slot.Count, covered: false);
            _ledger.Give(slot.First, slot.Count);
        }
    }

    private void CheckBlocks(TortureSlot slot)
    {
        if (slot.Op == BioOp.Read)
        {
            if (slot.Status == BlockStatus.Ok)
            {
                CheckRead(slot.First, slot.Count, slot.Buffer, slot);
            }

            return;
        }

        for (int i = 0; i < slot.Count; i++)
        {
            if (slot.Status == BlockStatus.Ok)
            {
                _ledger.Written(slot.First + i, slot.Versions[i]);
            }
            else
            {
                Interlocked.Increment(ref Verdict.Unknown);
                _ledger.MaybeWritten(slot.First + i, slot.Versions[i]);
            }
        }

        if (slot.BackStatus == BlockStatus.Ok)
        {
            CheckRead(slot.First, slot.Count, slot.BackBuffer, slot);
        }
    }

    private void CheckRead(int first, int count, byte[] buffer, object what)
    {
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> block = buffer.AsSpan(i << TortureBlock.Shift, TortureBlock.Size);
            if (!TortureBlock.TryRead(block, _firstBlock + first + i, Number, out int version) || !_ledger.TryNoteRead(first + i, version))
            {
                Verdict.Fail($"{what} found {TortureBlock.Describe(block)} at {_firstBlock + first + i}, not {_ledger.Expected(first + i)}.");
            }
        }
    }

    /// <summary>An error is right only if the submitter asked for it, or a path that went on working has failed the I/O.</summary>
    private void CheckError(TortureSlot slot)
    {
        BlockStatus status = slot.BackStatus ?? slot.Status;
        if (slot.WasCancelled)
        {
            Interlocked.Increment(ref Verdict.Cancelled);
            if (!slot.MayBeCancelled || status != BlockStatus.Again)
            {
                Verdict.Fail($"{slot} was cancelled, with the status {status}.");
            }

            return;
        }

        Interlocked.Increment(ref Verdict.Errors);
        bool pathError = status is BlockStatus.Transport or BlockStatus.Offline or BlockStatus.Timeout or BlockStatus.IoError;
        bool shortage = status is BlockStatus.Resource or BlockStatus.DeviceResource;
        bool wanted = slot.BackStatus is null
            && (((slot.Flags & BioFlags.NoWait) != 0 && status == BlockStatus.Again)
                || ((slot.Flags & BioFlags.FailFastMask) != 0 && (pathError || shortage)));
        bool marked = slot.Op != BioOp.Flush && _store.WasMarked(_firstBlock + slot.First, slot.Count);
        if (!wanted && !(marked && (pathError || (status == BlockStatus.Resource && _run.Options.Clones))))
        {
            Verdict.Fail($"{slot} ended with {status} for no reason.");
        }
    }
}

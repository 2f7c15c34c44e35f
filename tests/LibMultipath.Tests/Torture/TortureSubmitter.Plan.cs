using LibMultipath.Block;

namespace LibMultipath.Tests.Torture;

// What is submitted.
internal sealed partial class TortureSubmitter
{
    private void SubmitNext(TortureSlot slot)
    {
        slot.Flags = BioFlags.None;
        slot.ReadsBack = false;
        slot.MayBeCancelled = false;
        int roll = _random.Next(1000);
        if (roll < 15)
        {
            slot.Op = BioOp.Flush;
            slot.First = slot.Count = 0;
        }
        else
        {
            slot.Op = roll < 500 ? BioOp.Read : BioOp.Write;
            slot.MayBeCancelled = _random.Next(20) == 0;
            TakeBlocks(slot);
            _store.Cover(_firstBlock + slot.First, slot.Count, covered: true);
        }

        if (slot.Op == BioOp.Write)
        {
            PrepareWrite(slot);
        }

        roll = _random.Next(1000);
        if (roll < 5)
        {
            slot.Flags |= BioFlags.FailFastTransport;
        }
        else if (roll < 15)
        {
            slot.Flags |= BioFlags.NoWait;
        }

        Send(slot);
    }

    private void TakeBlocks(TortureSlot slot)
    {
        do
        {
            int size = slot.MayBeCancelled ? 8 + _random.Next(8) : _random.Next(16);
            slot.Count = size < 12 ? 1 : size < 15 ? 2 + _random.Next(7) : 9 + _random.Next(TortureSlot.MaxBlocks - 8);
            slot.First = _random.Next(_store.BlocksEach - slot.Count + 1);
        }
        while (!_ledger.TryTake(slot.First, slot.Count));
    }

    private void PrepareWrite(TortureSlot slot)
    {
        for (int i = 0; i < slot.Count; i++)
        {
            int version = _ledger.NextVersion(slot.First + i);
            slot.Versions[i] = version;
            TortureBlock.Write(slot.Buffer.AsSpan(i << TortureBlock.Shift, TortureBlock.Size), _firstBlock + slot.First + i, version, Number);
        }

        int roll = _random.Next(64);
        slot.Flags |= roll switch
        {
            0 => BioFlags.Fua,
            1 => BioFlags.PreFlush,
            2 => BioFlags.Fua | BioFlags.PreFlush,
            _ => BioFlags.None,
        };
        slot.ReadsBack = roll is > 2 and < 8 && !slot.MayBeCancelled;
    }

    private void Send(TortureSlot slot)
    {
        Bio bio = NextBio(slot);
        if (slot.MayBeCancelled)
        {
            SendCancellable(slot, bio);
        }
        else if (slot.ReadsBack || _random.Next(64) != 0)
        {
            slot.Submit(Disk, bio);
        }
        else
        {
            _ = slot.SubmitAsync(Disk, bio, CancellationToken.None);
        }
    }

    private void SendCancellable(TortureSlot slot, Bio bio)
    {
        var source = new CancellationTokenSource();
        int roll = _random.Next(16);
        CancellationToken token = source.Token;
        bool before = roll < 8;
        if (roll == 0)
        {
            source.Cancel();
        }
        else if (before)
        {
            // It may be cancelled at any moment from now on, also while it is being submitted.
            _run.Canceller.Add(source);
        }

        _ = slot.SubmitAsync(Disk, bio, token);
        if (roll is 0 or 8 or 9)
        {
            source.Cancel();
            source.Dispose();
        }
        else if (!before)
        {
            _run.Canceller.Add(source);
        }
    }

    private Bio NextBio(TortureSlot slot)
    {
        long sector = slot.Op == BioOp.Flush ? 0 : _firstBlock + slot.First;
        Bio? bio = slot.Bio;
        if (bio is not null && _random.Chance(16384))
        {
            // The same object again: it was not given back to the pool in between.
            bio.Reset(slot.Op, sector, slot.Flags);
        }
        else
        {
            bio?.Dispose();
            bio = Bio.Rent(slot.Op, sector, flags: slot.Flags);
        }

        if (slot.Op != BioOp.Flush)
        {
            AddMemory(bio, slot.Buffer.AsMemory(0, slot.Count << TortureBlock.Shift));
        }

        return bio;
    }

    private void AddMemory(Bio bio, Memory<byte> memory)
    {
        if (memory.Length > TortureBlock.Size && _random.Chance(16384))
        {
            // In pieces that have nothing to do with blocks.
            while (memory.Length > 3000)
            {
                int length = 1000 + (_random.Next(100) * 8);
                bio.AddSegment(memory[..length]);
                memory = memory[length..];
            }
        }

        bio.AddSegment(memory);
    }
}

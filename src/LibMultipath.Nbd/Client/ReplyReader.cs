using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using LibMultipath.Block;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>
/// Takes a server's answers, in whatever order they come. What has come with others in one system call is copied to where it
/// belongs; what of a larger answer is still to come, the kernel puts there itself.
/// </summary>
/// <remarks>Runs on the session's thread, and blocks it. Nothing that the server says is taken memory for.</remarks>
internal sealed class ReplyReader(NbdSession session, NbdConnection connection)
{
    // Less than this is quicker copied than received alone: the next answers come with it.
    private const int DirectLength = 16 * 1024;

    private const int OffsetSize = 8;
    private const int HoleSize = 12;
    private const int ErrorSize = 6;

    // What is being received: where to, and whether the answer is over with it.
    private NbdSlot? _slot;
    private uint _position;
    private uint _left;
    private bool _endsAnswer;

    /// <summary>Runs until the connection ends.</summary>
    /// <returns>Why it did.</returns>
    public string Run()
    {
        try
        {
            while (true)
            {
                ReadResult result = Completed(connection.Input.ReadAsync());
                SequencePosition consumed = TakeAll(result.Buffer);
                bool isEmpty = result.Buffer.Slice(consumed).IsEmpty;
                connection.Input.AdvanceTo(consumed, result.Buffer.End);
                if (result.IsCompleted)
                {
                    return connection.Fault ?? (isEmpty && _slot is null ? "the server has closed the connection" : connection.Ended("an answer").Message);
                }

                if (isEmpty && _left >= DirectLength)
                {
                    ReceiveRest();
                }
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, nothing more can be understood of what the server says, and this thread must give back what is under way.
            return connection.Fault ?? exception.Message;
        }
    }

    // The stream blocks, so what it gives has completed; TLS over it may be a step away.
    private static ReadResult Completed(ValueTask<ReadResult> read) => read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();

    private SequencePosition TakeAll(ReadOnlySequence<byte> buffer)
    {
        NbdBatch.Begin();
        try
        {
            while (TryTake(ref buffer))
            {
            }

            return buffer.Start;
        }
        finally
        {
            NbdBatch.End();
        }
    }

    /// <summary>Takes what comes next: data of an answer, or the beginning of one.</summary>
    /// <returns>False if more has to come first.</returns>
    private bool TryTake(ref ReadOnlySequence<byte> buffer)
    {
        if (_slot is not null)
        {
            return TryTakeData(ref buffer);
        }

        Span<byte> header = stackalloc byte[NbdReply.ChunkSize + HoleSize];
        if (!TryPeek(buffer, header[..4]))
        {
            return false;
        }

        uint magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        int size = NbdReply.SizeOf(magic);
        if (size == 0)
        {
            throw new NbdProtocolException($"the server begins an answer with 0x{magic:x8}");
        }

        if (!TryPeek(buffer, header[..size]))
        {
            return false;
        }

        NbdReply reply = NbdReply.Read(header[..size]);
        NbdSlot slot = session.Find(reply.Cookie);
        if (reply.IsStructured)
        {
            return TryTakeChunk(ref buffer, reply, slot, header);
        }

        buffer = buffer.Slice(size);
        TakeSimple(slot, reply.Error);
        return true;
    }

    private void TakeSimple(NbdSlot slot, uint error)
    {
        slot.Status = NbdError.ToStatus(error);
        if (slot.Command != NbdCommand.Read || error != NbdError.None)
        {
            slot.OnAnswered();
            return;
        }

        if (session.Info.IsStructured)
        {
            throw new NbdProtocolException($"the server answers to a {slot} with a simple reply, though chunks were agreed upon");
        }

        Expect(slot, 0, slot.Length, endsAnswer: true);
    }

    private bool TryTakeChunk(ref ReadOnlySequence<byte> buffer, NbdReply reply, NbdSlot slot, Span<byte> header)
    {
        if (!session.Info.IsStructured)
        {
            throw new NbdProtocolException($"the server answers to a {slot} in chunks, though nobody asked for that");
        }

        int more = MoreOf(reply, slot);
        int size = NbdReply.ChunkSize + more;
        if (!TryPeek(buffer, header[..size]))
        {
            return false;
        }

        ReadOnlySpan<byte> body = header[NbdReply.ChunkSize..size];
        switch (reply.Chunk)
        {
            case NbdChunk.None:
                buffer = buffer.Slice(size);
                EndChunk(slot, reply.IsDone);
                return true;
            case NbdChunk.OffsetData:
                buffer = buffer.Slice(size);
                Expect(slot, PositionOf(slot, BinaryPrimitives.ReadUInt64BigEndian(body), reply.Length - OffsetSize), reply.Length - OffsetSize, reply.IsDone);
                return true;
            case NbdChunk.OffsetHole:
                buffer = buffer.Slice(size);
                uint length = BinaryPrimitives.ReadUInt32BigEndian(body[OffsetSize..]);
                SegmentBytes.Clear(slot.Attempt.Bio, PositionOf(slot, BinaryPrimitives.ReadUInt64BigEndian(body), length), length);
                slot.Received += length;
                EndChunk(slot, reply.IsDone);
                return true;
            default:
                return TryTakeError(ref buffer, reply, slot, BinaryPrimitives.ReadUInt32BigEndian(body));
        }
    }

    // The message is for people, who are told the status.
    private bool TryTakeError(ref ReadOnlySequence<byte> buffer, NbdReply reply, NbdSlot slot, uint error)
    {
        long size = NbdReply.ChunkSize + reply.Length;
        if (buffer.Length < size)
        {
            return false;
        }

        buffer = buffer.Slice(size);
        if (slot.Status == BlockStatus.Ok)
        {
            slot.Status = NbdError.ToStatus(error == NbdError.None ? NbdError.Io : error);
        }

        EndChunk(slot, reply.IsDone);
        return true;
    }

    /// <summary>How much of what follows the header of a chunk must be there to know what to do, in bytes.</summary>
    private static int MoreOf(NbdReply reply, NbdSlot slot)
    {
        bool isRead = slot.Command == NbdCommand.Read;
        bool isError = (reply.Chunk & NbdChunk.ErrorBit) != 0;
        bool isRight = reply.Chunk switch
        {
            NbdChunk.None => reply.Length == 0 && reply.IsDone,
            NbdChunk.OffsetData => isRead && reply.Length > OffsetSize && reply.Length - OffsetSize <= slot.Length,
            NbdChunk.OffsetHole => isRead && reply.Length == HoleSize,
            _ => isError && reply.Length is >= ErrorSize and <= NbdSizes.Text + ErrorSize + OffsetSize,
        };
        if (!isRight)
        {
            throw new NbdProtocolException($"the server answers to a {slot} with a chunk of type {(ushort)reply.Chunk} and {reply.Length} bytes");
        }

        return reply.Chunk switch
        {
            NbdChunk.None => 0,
            NbdChunk.OffsetData => OffsetSize,
            NbdChunk.OffsetHole => HoleSize,
            _ => ErrorSize,
        };
    }

    private static uint PositionOf(NbdSlot slot, ulong offset, uint length)
    {
        if (offset < slot.Offset || length == 0 || length > slot.Length || offset - slot.Offset > slot.Length - length)
        {
            throw new NbdProtocolException($"the server answers to a {slot} with {length} bytes at {offset}");
        }

        return (uint)(offset - slot.Offset);
    }

    private void Expect(NbdSlot slot, uint position, uint length, bool endsAnswer)
    {
        _slot = slot;
        _position = position;
        _left = length;
        _endsAnswer = endsAnswer;
    }

    private bool TryTakeData(ref ReadOnlySequence<byte> buffer)
    {
        long take = Math.Min(buffer.Length, _left);
        if (take == 0)
        {
            return false;
        }

        ReadOnlySequence<byte> data = buffer.Slice(0, take);
        foreach (ReadOnlyMemory<byte> piece in data)
        {
            SegmentBytes.Write(_slot!.Attempt.Bio, _position, piece.Span);
            _position += (uint)piece.Length;
        }

        buffer = buffer.Slice(data.End);
        Received((uint)take);
        return true;
    }

    private void ReceiveRest()
    {
        while (_left > 0)
        {
            Span<byte> room = SegmentBytes.At(_slot!.Attempt.Bio, _position);
            int received = connection.Stream.Read(room[..(int)Math.Min(room.Length, _left)]);
            if (received == 0)
            {
                throw connection.Ended("an answer");
            }

            _position += (uint)received;
            if (_left == received)
            {
                // Sends what its end has submitted.
                NbdBatch.Begin();
                try
                {
                    Received((uint)received);
                }
                finally
                {
                    NbdBatch.End();
                }

                return;
            }

            Received((uint)received);
        }
    }

    private void Received(uint length)
    {
        NbdSlot slot = _slot!;
        slot.Received += length;
        _left -= length;
        if (_left == 0)
        {
            _slot = null;
            EndChunk(slot, _endsAnswer);
        }
    }

    private static void EndChunk(NbdSlot slot, bool isLast)
    {
        if (!isLast)
        {
            return;
        }

        if (slot.Command == NbdCommand.Read && slot.Status == BlockStatus.Ok && slot.Received != slot.Length)
        {
            throw new NbdProtocolException($"the server answers to a {slot} with {slot.Received} bytes");
        }

        slot.OnAnswered();
    }

    private static bool TryPeek(in ReadOnlySequence<byte> buffer, Span<byte> bytes)
    {
        if (buffer.FirstSpan.Length >= bytes.Length)
        {
            buffer.FirstSpan[..bytes.Length].CopyTo(bytes);
            return true;
        }

        if (buffer.Length < bytes.Length)
        {
            return false;
        }

        buffer.Slice(0, bytes.Length).CopyTo(bytes);
        return true;
    }
}

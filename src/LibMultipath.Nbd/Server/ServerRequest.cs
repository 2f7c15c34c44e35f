using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LibMultipath.Block;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

/// <summary>
/// One request of a connection and the answer to it: the bio, its memory and the frame, made once and used again and again.
/// </summary>
/// <remarks>
/// It is the reader's until it is submitted or refused, then the disk's until the bio has ended, then the sender's until
/// the answer has left; then it is free. The memory of a read goes when the answer has left, that of a write when the bio
/// has ended.
/// </remarks>
internal sealed class ServerRequest : NbdFrame
{
    // What carries no data may be carried out in many parts at a time, and those are memory too: about so much.
    private const int Parts = 64 * 1024;

    private static readonly Action<Bio> s_ended = static bio => ((ServerRequest)bio.State!).Ended(bio.Status);

    private readonly ServerConnection _connection;
    private readonly Bio _bio;
    private readonly BioSegment[] _payload = new BioSegment[1];
    private NbdRequest _asked;
    private nint _buffer;
    private int _bufferLength;
    private int _charged;
    private int _filled;
    private int _payloadCount;
    private bool _thenFlush;
    private bool _isWithDisk;

    public ServerRequest(ServerConnection connection)
    {
        _connection = connection;
        _bio = new Bio { EndIo = s_ended, State = this };
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<BioSegment> Payload => new(_payload, 0, _payloadCount);

    /// <summary>How much of the data of a write has not come, in bytes.</summary>
    public int Missing => _bufferLength - _filled;

    /// <summary>Where the next of it belongs.</summary>
    public nint MissingAddress => _buffer + _filled;

    /// <summary>Whether the disk has the memory, or its answer is being made: then it is given back by itself.</summary>
    public bool IsWithDisk => Volatile.Read(ref _isWithDisk);

    /// <summary>How much memory a request takes, in bytes; 0 for none.</summary>
    public static int MemoryOf(in NbdRequest asked) => asked.Command switch
    {
        NbdCommand.Read or NbdCommand.Write => BufferPool.SizeFor((int)asked.Length),
        NbdCommand.Trim or NbdCommand.WriteZeroes => Parts,
        _ => 0,
    };

    /// <summary>Becomes a request that is not refused; the budget has given its memory.</summary>
    public unsafe void Begin(in NbdRequest asked)
    {
        _asked = asked;
        _filled = 0;
        _bufferLength = 0;
        if (asked.Command is NbdCommand.Read or NbdCommand.Write)
        {
            // Where there is none, nothing is this request's, nor given back by it.
            _buffer = _connection.Buffers.Rent((int)asked.Length);
            _bufferLength = (int)asked.Length;
            if (asked.Command == NbdCommand.Read)
            {
                // Not every driver fills what it says it has read, and what is there is other clients'.
                NativeMemory.Clear((void*)_buffer, (nuint)_bufferLength);
            }
        }

        _charged = MemoryOf(asked);
    }

    /// <summary>Takes data of a write out of what has come in.</summary>
    public unsafe void Fill(ref ReadOnlySequence<byte> input)
    {
        int take = (int)Math.Min(input.Length, Missing);
        ReadOnlySequence<byte> taken = input.Slice(0, take);
        taken.CopyTo(new Span<byte>((void*)MissingAddress, take));
        input = input.Slice(taken.End);
        _filled += take;
    }

    /// <summary>So much of it was read to where it belongs.</summary>
    public void Filled(int bytes) => _filled += bytes;

    /// <summary>Gives the request to the disk. The answer goes when it has ended, possibly before this returns.</summary>
    public void Submit()
    {
        long sector = (long)(_asked.Offset / QueueLimits.SectorSize);
        bool isFua = (_asked.Flags & NbdCommandFlags.Fua) != 0;
        _thenFlush = false;
        switch (_asked.Command)
        {
            case NbdCommand.Read:
                _bio.Reset(BioOp.Read, sector);
                _bio.AddSegment(new BioSegment(_buffer, _bufferLength));
                break;
            case NbdCommand.Write:
                _bio.Reset(BioOp.Write, sector, isFua ? BioFlags.Fua : BioFlags.None);
                _bio.AddSegment(new BioSegment(_buffer, _bufferLength));
                break;
            case NbdCommand.Flush:
                _bio.Reset(BioOp.Flush);
                break;
            case NbdCommand.Trim:
                _bio.Reset(BioOp.Discard, sector);
                _bio.Size = _asked.Length;
                _thenFlush = isFua;
                break;
            default:
                _bio.Reset(BioOp.WriteZeroes, sector, (_asked.Flags & NbdCommandFlags.NoHole) != 0 ? BioFlags.NoUnmap : BioFlags.None);
                _bio.Size = _asked.Length;
                _thenFlush = isFua;
                break;
        }

        Volatile.Write(ref _isWithDisk, true);
        _connection.Submit(_bio);
    }

    /// <summary>Makes the answer to a request that was refused before it had memory.</summary>
    public void Refuse(in NbdRequest asked, Refusal refusal)
    {
        _asked = asked;
        Answer(refusal);
    }

    /// <summary>Gives the memory back, if there is any. Who calls knows that nobody looks at it any more.</summary>
    public void ReleaseMemory()
    {
        int charged = Interlocked.Exchange(ref _charged, 0);
        if (charged != 0)
        {
            _connection.ReturnMemory(_buffer, _bufferLength, charged);
        }
    }

    /// <inheritdoc/>
    public override void OnSent()
    {
        ReleaseMemory();
        _connection.Release(this);
    }

    private void Ended(BlockStatus status)
    {
        if (_thenFlush && status == BlockStatus.Ok)
        {
            // Only a write can be durable by itself.
            _thenFlush = false;
            _bio.Reset(BioOp.Flush);
            _connection.SubmitAgain(_bio);
            return;
        }

        if (status != BlockStatus.Ok || _asked.Command != NbdCommand.Read)
        {
            ReleaseMemory();
        }

        Answer(status == BlockStatus.Ok ? null : Refusal.Of(status));
        _connection.BioEnded();
    }

    private void Answer(Refusal? refusal)
    {
        bool structured = _connection.AnswersInChunks;
        _payloadCount = 0;
        PayloadLength = 0;
        if (refusal is not null && structured)
        {
            AnswerError(refusal);
        }
        else if (refusal is null && _asked.Command == NbdCommand.Read)
        {
            AnswerData(structured);
        }
        else
        {
            HeaderLength = new NbdReply { Cookie = _asked.Cookie, Error = refusal?.Error ?? NbdError.None }.Write(HeaderRoom);
        }

        Volatile.Write(ref _isWithDisk, false);
        _connection.Send(this);
    }

    private void AnswerData(bool structured)
    {
        int header = structured
            ? new NbdReply
            {
                Cookie = _asked.Cookie,
                IsStructured = true,
                IsDone = true,
                Chunk = NbdChunk.OffsetData,
                Length = (uint)(sizeof(ulong) + _bufferLength),
            }.Write(HeaderRoom)
            : new NbdReply { Cookie = _asked.Cookie }.Write(HeaderRoom);
        if (structured)
        {
            BinaryPrimitives.WriteUInt64BigEndian(HeaderRoom[header..], _asked.Offset);
            header += sizeof(ulong);
        }

        HeaderLength = header;
        Carry(new BioSegment(_buffer, _bufferLength));
    }

    private void AnswerError(Refusal refusal)
    {
        int length = refusal.Message.Length;
        int header = new NbdReply
        {
            Cookie = _asked.Cookie,
            IsStructured = true,
            IsDone = true,
            Chunk = NbdChunk.Error,
            Length = (uint)(sizeof(uint) + sizeof(ushort) + length),
        }.Write(HeaderRoom);
        BinaryPrimitives.WriteUInt32BigEndian(HeaderRoom[header..], refusal.Error);
        BinaryPrimitives.WriteUInt16BigEndian(HeaderRoom[(header + sizeof(uint))..], (ushort)length);
        HeaderLength = header + sizeof(uint) + sizeof(ushort);
        Carry(refusal.Message);
    }

    private void Carry(BioSegment data)
    {
        _payload[0] = data;
        _payloadCount = 1;
        PayloadLength = data.Length;
    }
}

using System.Buffers;
using System.IO.Pipelines;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

// Reads requests and begins them. All that has come in is dealt with in one go, and what ends meanwhile is answered in one.
internal sealed partial class ServerConnection
{
    // Shorter data comes with the request after it, so that small writes cost no system call each.
    private const int LeastDirect = 16 * 1024;

    // What is thrown away of a write that is longer than it may be; after more than that the connection is ended.
    private const long MostDrained = 2L * NbdSizes.Payload;

    private readonly NativeView _view = new();

    // Of the reader: how far it is with the request that it reads.
    private ExportShape? _shape;
    private NbdRequest _asked;
    private bool _hasAsked;
    private Refusal? _refusal;
    private long _toDrain;
    private long _reserving;
    private ServerRequest? _taken;
    private ServerRequest? _filling;

    private bool IsInRequest => _hasAsked || _filling is not null;

    private async Task ReceiveAsync()
    {
        PipeReader reader = _connection.Input;
        ReadOnlySequence<byte> input = default;
        bool isHeld = false;
        bool isLast = false;
        while (true)
        {
            Need need = Process(ref input);
            if (need == Need.End)
            {
                break;
            }

            if (need == Need.Room)
            {
                await WaitAsync(ReaderState.Room).ConfigureAwait(false);
                continue;
            }

            if (isHeld)
            {
                reader.AdvanceTo(input.Start, input.End);
                isHeld = false;
            }

            if (isLast)
            {
                ThrowIfInRequest(input.IsEmpty);
                return;
            }

            _state = IsInRequest || !input.IsEmpty ? ReaderState.Rest : ReaderState.Request;
            if (need == Need.Data)
            {
                int read = await _connection.Stream.ReadAsync(_view.Show(_filling!.MissingAddress, _filling.Missing)).ConfigureAwait(false);
                _filling.Filled(read > 0 ? read : throw _connection.Ended("a write"));
                _progress += read;
                input = default;
            }
            else
            {
                ReadResult result = await reader.ReadAsync().ConfigureAwait(false);
                input = result.Buffer;
                isHeld = true;
                isLast = result.IsCompleted;
            }

            _state = ReaderState.Busy;
        }

        while (!IsAllAnswered())
        {
            await WaitAsync(ReaderState.Answers).ConfigureAwait(false);
        }
    }

    // A client that has nothing under way may close without a word: many do.
    private void ThrowIfInRequest(bool nothingBegun)
    {
        if (IsInRequest || !nothingBegun)
        {
            throw _connection.Ended("a request");
        }

        if (!IsAllAnswered())
        {
            throw new NbdProtocolException(_connection.Fault ?? "the client closed the connection, with requests under way");
        }
    }

    private async ValueTask WaitAsync(ReaderState state)
    {
        _state = state;
        await _signal.WaitAsync().ConfigureAwait(false);
        _state = ReaderState.Busy;
        if (_connection.Fault is { } fault)
        {
            throw new NbdProtocolException(fault);
        }
    }

    private Need Process(ref ReadOnlySequence<byte> input)
    {
        NbdBatch.Begin();
        try
        {
            Need need;
            do
            {
                need = Step(ref input);
            }
            while (need == Need.Nothing);
            return need;
        }
        finally
        {
            NbdBatch.End();
        }
    }

    private Need Step(ref ReadOnlySequence<byte> input)
    {
        if (_filling is { } write)
        {
            return Fill(write, ref input);
        }

        if (!_hasAsked && !TryReadHeader(ref input))
        {
            return _isLeaving || _stopping ? Need.End : Need.Input;
        }

        if (_toDrain > 0 && !TryDrain(ref input))
        {
            return Need.Input;
        }

        return TryBegin() ? Need.Nothing : Need.Room;
    }

    private Need Fill(ServerRequest write, ref ReadOnlySequence<byte> input)
    {
        int missing = write.Missing;
        write.Fill(ref input);
        _progress += missing - write.Missing;
        if (write.Missing > 0)
        {
            return write.Missing >= LeastDirect ? Need.Data : Need.Input;
        }

        _filling = null;
        write.Submit();
        return Need.Nothing;
    }

    private bool TryReadHeader(ref ReadOnlySequence<byte> input)
    {
        if (_isLeaving || _stopping || input.Length < NbdRequest.Size)
        {
            return false;
        }

        Span<byte> copy = stackalloc byte[NbdRequest.Size];
        scoped ReadOnlySpan<byte> header = input.FirstSpan;
        if (header.Length < NbdRequest.Size)
        {
            input.Slice(0, NbdRequest.Size).CopyTo(copy);
            header = copy;
        }

        if (!NbdRequest.TryRead(header, out _asked))
        {
            throw new NbdProtocolException($"a request begins with 0x{System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(header):x8}, which is none");
        }

        input = input.Slice(NbdRequest.Size);
        _progress += EnoughProgress;
        _requests++;
        if (_asked.Command == NbdCommand.Disconnect)
        {
            _isLeaving = true;
            return false;
        }

        _hasAsked = true;
        _refusal = RequestCheck.Refuse(_asked, _shape!);
        if (_refusal is not null)
        {
            Refused(_refusal);
        }

        return true;
    }

    // Its data is in the way of the next request.
    private void Refused(Refusal refusal)
    {
        _server.LogRefused(PeerName, _asked, refusal.Text);
        if (_asked.Command == NbdCommand.Write)
        {
            _toDrain = _asked.Length <= MostDrained
                ? _asked.Length
                : throw new NbdProtocolException($"a write of {_asked.Length} bytes is longer than the {_shape!.MaxPayload} that are allowed");
        }
    }

    private bool TryDrain(ref ReadOnlySequence<byte> input)
    {
        long take = Math.Min(_toDrain, input.Length);
        input = input.Slice(take);
        _toDrain -= take;
        _progress += take;
        return _toDrain == 0;
    }

    // False if there is no place or no memory for it yet.
    private bool TryBegin()
    {
        _taken ??= TakeSlot();
        if (_taken is not { } request)
        {
            return false;
        }

        if (_refusal is not null)
        {
            _hasAsked = false;
            _taken = null;
            request.Refuse(_asked, _refusal);
            return true;
        }

        if (!TryReserve(ServerRequest.MemoryOf(_asked)))
        {
            return false;
        }

        _hasAsked = false;
        _taken = null;
        request.Begin(_asked);
        _reserving = 0;
        if (_asked.Command == NbdCommand.Write)
        {
            _filling = request;
        }
        else
        {
            request.Submit();
        }

        return true;
    }

    private bool TryReserve(int bytes)
    {
        if (_reserving > 0)
        {
            return _server.Budget.HasGot(_share);
        }

        _reserving = bytes;
        return bytes == 0 || _server.Budget.TryTake(_share, bytes);
    }
}

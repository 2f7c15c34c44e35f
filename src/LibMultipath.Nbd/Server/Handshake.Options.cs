using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

// What is answered to each option.
internal sealed partial class Handshake
{
    private bool _startsTls;

    private void Answer(NbdOption option, ReadOnlySpan<byte> data)
    {
        if (option == NbdOption.Abort)
        {
            _replies.Add(option, NbdOptionReply.Ack);
            _isOver = true;
        }
        else if (server.IsStopping)
        {
            Refuse(option, NbdOptionReply.Shutdown, "the server is ending");
            _isOver = true;
        }
        else if (NeedsTls && option != NbdOption.StartTls)
        {
            Refuse(option, NbdOptionReply.TlsRequired, "this server wants TLS first");
        }
        else
        {
            AnswerKnown(option, data);
        }
    }

    private void AnswerKnown(NbdOption option, ReadOnlySpan<byte> data)
    {
        switch (option)
        {
            case NbdOption.ExportName:
                UseByName(data);
                break;
            case NbdOption.List:
                List(option, data);
                break;
            case NbdOption.StartTls:
                StartTls(option, data);
                break;
            case NbdOption.Info or NbdOption.Go:
                InfoOrGo(option, data);
                break;
            case NbdOption.StructuredReply when data.IsEmpty:
                _structured = true;
                _replies.Add(option, NbdOptionReply.Ack);
                break;
            case NbdOption.StructuredReply:
                RefuseData(option);
                break;
            case NbdOption.ListMetaContext or NbdOption.SetMetaContext:
                MetaContext(option, data);
                break;
            default:
                Refuse(option, NbdOptionReply.Unsupported, "it is not known here");
                break;
        }
    }

    // It cannot be refused: what is wrong with it ends the connection.
    private void UseByName(ReadOnlySpan<byte> data)
    {
        if (!OptionData.TryText(data, out string? name))
        {
            throw new NbdProtocolException("the name of the export is no text of at most 4096 bytes");
        }

        if (!server.TryUse(name, owner, out ServedExport? export, out string? refusal, out _))
        {
            throw new NbdProtocolException(refusal);
        }

        var shape = ExportShape.Of(export.Export, server.Options.MaxPayload, _structured);
        _replies.AddBare(shape, (_client & NbdHandshakeFlags.NoZeroes) == 0);
        Agree(export, shape);
    }

    private void List(NbdOption option, ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            RefuseData(option);
            return;
        }

        foreach (NbdExport export in server.Exports())
        {
            _replies.AddServer(option, export.Name, export.Description ?? "");
        }

        _replies.Add(option, NbdOptionReply.Ack);
    }

    private void StartTls(NbdOption option, ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            RefuseData(option);
        }
        else if (server.Options.Tls is null)
        {
            Refuse(option, NbdOptionReply.Unsupported, "this server has no certificate for TLS");
        }
        else if (connection.IsSecure)
        {
            Refuse(option, NbdOptionReply.Invalid, "TLS is on already");
        }
        else
        {
            _replies.Add(option, NbdOptionReply.Ack);
            _startsTls = true;
        }
    }

    private void InfoOrGo(NbdOption option, ReadOnlySpan<byte> bytes)
    {
        var data = new OptionData(bytes);
        bool isWhole = data.TryReadText(out string? name) & data.TryReadUInt16(out ushort count);
        bool wantsName = false;
        bool wantsDescription = false;
        for (int i = 0; isWhole && i < count; i++)
        {
            isWhole = data.TryReadUInt16(out ushort wanted);
            wantsName |= wanted == (ushort)NbdInfo.Name;
            wantsDescription |= wanted == (ushort)NbdInfo.Description;
        }

        if (!isWhole || !data.IsEmpty)
        {
            Refuse(option, NbdOptionReply.Invalid, "it is not a name of at most 4096 bytes, a number and as many kinds of information");
            return;
        }

        ServedExport? export;
        string? refusal;
        NbdOptionReply error;
        bool found = option == NbdOption.Go
            ? server.TryUse(name!, owner, out export, out refusal, out error)
            : server.TryFind(name!, out export, out refusal, out error);
        if (!found)
        {
            Refuse(option, error, refusal!);
            return;
        }

        var shape = ExportShape.Of(export!.Export, server.Options.MaxPayload, _structured);
        _replies.AddExport(option, shape);

        // Told whether it is asked for or not, since it is insisted on.
        _replies.AddBlockSize(option, shape);
        if (wantsName)
        {
            _replies.AddInfo(option, NbdInfo.Name, export.Export.Name);
        }

        if (wantsDescription && export.Export.Description is { } description)
        {
            _replies.AddInfo(option, NbdInfo.Description, description);
        }

        _replies.Add(option, NbdOptionReply.Ack);
        if (option == NbdOption.Go)
        {
            Agree(export, shape);
        }
    }

    // There are no contexts: a list of none is right for every question.
    private void MetaContext(NbdOption option, ReadOnlySpan<byte> bytes)
    {
        var data = new OptionData(bytes);
        bool isWhole = data.TryReadText(out string? name) & data.TryReadUInt32(out uint count);
        for (uint i = 0; isWhole && i < count; i++)
        {
            isWhole = data.TryReadText(out _);
        }

        if (!isWhole || !data.IsEmpty || !_structured)
        {
            Refuse(option, NbdOptionReply.Invalid, _structured ? "it is not a name of at most 4096 bytes, a number and as many texts" : "structured replies come first");
        }
        else if (!server.TryFind(name!, out _, out string? refusal, out NbdOptionReply error))
        {
            Refuse(option, error, refusal);
        }
        else
        {
            _replies.Add(option, NbdOptionReply.Ack);
        }
    }

    private void Agree(ServedExport export, ExportShape shape)
    {
        _result = new HandshakeResult(export, shape, _structured);
        _isOver = true;
    }

    private void RefuseData(NbdOption option) => Refuse(option, NbdOptionReply.Invalid, "it has data, and should have none");

    private void Refuse(NbdOption option, NbdOptionReply error, string why)
    {
        if (option == NbdOption.ExportName)
        {
            throw new NbdProtocolException(why);
        }

        server.LogRefused(owner.PeerName, option, why);
        _replies.Add(option, error, why);
    }
}

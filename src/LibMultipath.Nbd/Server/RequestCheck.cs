using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

/// <summary>Looks whether a request is one that the client was told it may make.</summary>
internal static class RequestCheck
{
    /// <summary>Why a request is refused; null if it is not.</summary>
    /// <param name="request">The request; not a disconnect.</param>
    /// <param name="shape">What the client was told.</param>
    public static Refusal? Refuse(in NbdRequest request, ExportShape shape)
    {
        NbdCommandFlags allowed = NbdCommandFlags.Fua;
        bool isOffered = true;
        switch (request.Command)
        {
            case NbdCommand.Read:
                allowed |= (shape.Flags & NbdExportFlags.SendDf) != 0 ? NbdCommandFlags.DontFragment : 0;
                break;
            case NbdCommand.Write or NbdCommand.Flush:
                break;
            case NbdCommand.Trim:
                isOffered = shape.IsReadOnly || (shape.Flags & NbdExportFlags.SendTrim) != 0;
                break;
            case NbdCommand.WriteZeroes:
                allowed |= NbdCommandFlags.NoHole | NbdCommandFlags.FastZero;
                isOffered = shape.IsReadOnly || (shape.Flags & NbdExportFlags.SendWriteZeroes) != 0;
                break;
            default:
                return Refusal.UnknownCommand;
        }

        if ((request.Flags & ~allowed) != 0)
        {
            return Refusal.UnknownFlags;
        }

        if (!isOffered)
        {
            return (request.Flags & NbdCommandFlags.FastZero) != 0 ? Refusal.NotFast : Refusal.UnknownCommand;
        }

        return request.Command == NbdCommand.Flush ? null : RefuseRange(request, shape);
    }

    private static Refusal? RefuseRange(in NbdRequest request, ExportShape shape)
    {
        bool reads = request.Command == NbdCommand.Read;
        if (!reads && shape.IsReadOnly)
        {
            return Refusal.ReadOnly;
        }

        if (request.Length == 0)
        {
            return Refusal.NoLength;
        }

        if (request.Length > (uint)shape.MaxPayload && (reads || request.Command == NbdCommand.Write))
        {
            return Refusal.TooLong;
        }

        if (request.Offset > (ulong)shape.Bytes || request.Length > (ulong)shape.Bytes - request.Offset)
        {
            return reads || request.Command == NbdCommand.Trim ? Refusal.PastEnd : Refusal.NoSpace;
        }

        return ((request.Offset | request.Length) & (uint)(shape.MinBlock - 1)) != 0 ? Refusal.Misaligned : null;
    }
}

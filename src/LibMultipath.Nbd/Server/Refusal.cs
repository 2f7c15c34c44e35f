using LibMultipath.Block;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Server;

/// <summary>Why a request is answered with an error: the number, and a text for clients that take one. All are made beforehand.</summary>
internal sealed class Refusal
{
    public static readonly Refusal UnknownCommand = new(NbdError.Invalid, "this command is not offered");
    public static readonly Refusal UnknownFlags = new(NbdError.Invalid, "a flag of the request is not offered for its command");
    public static readonly Refusal NoLength = new(NbdError.Invalid, "the request is for no bytes");
    public static readonly Refusal TooLong = new(NbdError.Invalid, "the request is longer than the largest that was told");
    public static readonly Refusal Misaligned = new(NbdError.Invalid, "offset or length is not a multiple of the smallest block");
    public static readonly Refusal PastEnd = new(NbdError.Invalid, "the request is past the end of the export");
    public static readonly Refusal NoSpace = new(NbdError.NoSpace, "the request is past the end of the export");
    public static readonly Refusal ReadOnly = new(NbdError.Perm, "the export is read-only");
    public static readonly Refusal NotFast = new(NbdError.NotSupported, "zeroes are not faster than writing here");

    private static readonly Refusal[] s_ofStatus = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(status =>
        new Refusal(NbdError.OfStatus((BlockStatus)status), ((BlockStatus)status).ToKernelName()))];

    private Refusal(uint error, string text)
    {
        Error = error;
        Text = text;
        Message = new BioSegment(NbdText.Encode(text));
    }

    /// <summary>One of <see cref="NbdError"/>.</summary>
    public uint Error { get; }

    /// <summary>For people.</summary>
    public string Text { get; }

    /// <summary>The text as it is sent.</summary>
    public BioSegment Message { get; }

    /// <summary>What a client is told of a bio that ended so; not Ok.</summary>
    public static Refusal Of(BlockStatus status) => s_ofStatus[(byte)status];
}

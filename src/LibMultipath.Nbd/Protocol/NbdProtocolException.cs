namespace LibMultipath.Nbd.Protocol;

/// <summary>The peer has said something that the protocol does not know, or nothing any more. The connection is of no use then.</summary>
/// <param name="message">What was wrong, with the value.</param>
/// <param name="cause">What it comes from.</param>
internal sealed class NbdProtocolException(string message, Exception? cause = null) : IOException(message, cause);

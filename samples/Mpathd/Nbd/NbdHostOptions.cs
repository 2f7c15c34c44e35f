using System.Net;

namespace Mpathd.Nbd;

/// <summary>How a disk is exported over NBD.</summary>
/// <param name="EndPoint">Where clients are listened for: a Unix socket, or an address and a port.</param>
/// <param name="Name">What the export is called; empty for the one that clients get who name none.</param>
/// <param name="Certificates">The folder of the certificates, if clients have to use TLS; null if they have not.</param>
internal sealed record NbdHostOptions(EndPoint EndPoint, string Name = "", string? Certificates = null)
{
    /// <summary>The longest name of an export, in bytes (NBD_MAX_STRING).</summary>
    public const int MaxName = 4096;
}

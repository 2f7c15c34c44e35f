using System.Net;

namespace Mpathd.Nbd;

/// <summary>How a disk is exported over NBD.</summary>
/// <param name="EndPoint">Where clients are listened for: a Unix socket, or an address and a port.</param>
/// <param name="Name">What the export is called; empty for the one that clients get who name none.</param>
/// <param name="Certificates">The folder of the certificates, if clients have to use TLS; null if they have not.</param>
/// <param name="VerifiesClients">Whether only clients with a certificate are let in that the authority there has signed.</param>
internal sealed record NbdHostOptions(EndPoint EndPoint, string Name = "", string? Certificates = null, bool VerifiesClients = false)
{
    /// <summary>The longest name of an export, in bytes (NBD_MAX_STRING).</summary>
    public const int MaxName = 4096;

    /// <summary>What is read in the folder of the certificates.</summary>
    public static string FilesOf(bool verifiesClients) => verifiesClients ? "server-cert.pem, server-key.pem and ca-cert.pem" : "server-cert.pem and server-key.pem";
}

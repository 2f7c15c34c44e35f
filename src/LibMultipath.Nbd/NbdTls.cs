using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LibMultipath.Block;

namespace LibMultipath.Nbd;

/// <summary>
/// Who one is on a connection with TLS, and whom one trusts: certificates in a folder, under the names that NBD servers and
/// clients use (<c>ca-cert.pem</c>, <c>server-cert.pem</c>, <c>server-key.pem</c>, <c>client-cert.pem</c>, <c>client-key.pem</c>).
/// </summary>
/// <remarks>Immutable; may be used on any thread and by any number of connections.</remarks>
public sealed class NbdTls
{
    private readonly X509Certificate2Collection _authorities;
    private readonly SslStreamCertificateContext? _own;

    private NbdTls(X509Certificate2Collection authorities, SslStreamCertificateContext? own)
    {
        _authorities = authorities;
        _own = own;
    }

    /// <summary>What a client needs: the authorities it trusts, and its own certificate if there is one.</summary>
    /// <param name="directory">With <c>ca-cert.pem</c>, and perhaps <c>client-cert.pem</c> and <c>client-key.pem</c>.</param>
    /// <exception cref="BlockException">A file cannot be used; the message names it.</exception>
    public static NbdTls ForClient(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        bool hasOwn = File.Exists(Path.Combine(directory, "client-cert.pem"));
        return new NbdTls(Authorities(directory, isNeeded: true), hasOwn ? Own(directory, "client") : null);
    }

    /// <summary>What a server needs: its certificate, and the authorities whose clients it lets in, if it asks for that.</summary>
    /// <param name="directory">With <c>server-cert.pem</c> and <c>server-key.pem</c>.</param>
    /// <param name="verifyClients">Whether only clients are let in whose certificate is signed by <c>ca-cert.pem</c>.</param>
    /// <exception cref="BlockException">A file cannot be used; the message names it.</exception>
    public static NbdTls ForServer(string directory, bool verifyClients = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new NbdTls(Authorities(directory, verifyClients), Own(directory, "server")) { VerifiesClients = verifyClients };
    }

    /// <summary>Of a server: whether it lets in only clients that it trusts.</summary>
    public bool VerifiesClients { get; private init; }

    internal SslClientAuthenticationOptions ClientOptions(string host) => new()
    {
        TargetHost = host,
        AllowRenegotiation = false,
        ClientCertificateContext = _own,
        CertificateChainPolicy = Policy(),
    };

    internal SslServerAuthenticationOptions ServerOptions() => new()
    {
        ServerCertificateContext = _own,
        AllowRenegotiation = false,
        ClientCertificateRequired = VerifiesClients,
        CertificateChainPolicy = VerifiesClients ? Policy() : null,
        RemoteCertificateValidationCallback = VerifiesClients ? null : static (_, _, _, _) => true,
    };

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }

    private static X509Certificate2Collection Authorities(string directory, bool isNeeded)
    {
        var authorities = new X509Certificate2Collection();
        if (isNeeded)
        {
            Use(Path.Combine(directory, "ca-cert.pem"), authorities.ImportFromPemFile);
        }

        return authorities;
    }

    private static SslStreamCertificateContext Own(string directory, string side)
    {
        string certificate = Path.Combine(directory, side + "-cert.pem");
        SslStreamCertificateContext? own = null;
        Use(certificate, file =>
        {
            X509Certificate2 pair = X509Certificate2.CreateFromPemFile(file, Path.Combine(directory, side + "-key.pem"));
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(file);
            own = SslStreamCertificateContext.Create(pair, chain, offline: true);
        });
        return own!;
    }

    private static void Use(string file, Action<string> use)
    {
        try
        {
            use(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Errno errno = exception is FileNotFoundException or DirectoryNotFoundException ? Errno.ENOENT : exception is UnauthorizedAccessException ? Errno.EACCES : Errno.EINVAL;
            throw new BlockException(errno, $"the certificate {file} cannot be used: {exception.Message} Make one with certtool, or see docs/nbd.md", exception);
        }
    }
}

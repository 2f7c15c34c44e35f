using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>
/// The certificates of an authority, a server (localhost, 127.0.0.1) and a client, in the files that nbdkit and libnbd look
/// for. Two folders know nothing of each other.
/// </summary>
internal sealed class TlsFolder
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _authority;

    /// <summary>Makes the folder and all that is in it.</summary>
    /// <param name="folder">Where it is put.</param>
    /// <param name="name">Its name.</param>
    /// <param name="serverName">Whose certificate the server has.</param>
    /// <param name="client">Whether there is one for a client.</param>
    public TlsFolder(TempFolder folder, string name, string serverName = "localhost", bool client = true)
    {
        Name = folder[name];
        Directory.CreateDirectory(Name);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Authority of {name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        File.WriteAllText(this["ca-cert.pem"], _authority.ExportCertificatePem());
        Issue("server", serverName, ServerAuth);
        if (client)
        {
            Issue("client", "a client", ClientAuth);
        }

        _authority.Dispose();
    }

    public string Name { get; }

    public string this[string file] => Path.Combine(Name, file);

    private void Issue(string file, string name, string use)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(use)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (use == ServerAuth)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            if (name == "localhost")
            {
                names.AddIpAddress(IPAddress.Loopback);
            }

            request.CertificateExtensions.Add(names.Build());
        }

        using X509Certificate2 certificate = request.Create(_authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(this[$"{file}-cert.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(this[$"{file}-key.pem"], key.ExportPkcs8PrivateKeyPem());
    }
}

using System.CommandLine;
using System.Net;
using System.Text;
using Mpathd.Nbd;

namespace Mpathd.Commands;

/// <summary>The options that say how a disk is exported over NBD; the same for every verb that has them.</summary>
internal sealed class NbdArguments
{
    private readonly Option<EndPoint?> _endPoint;

    private readonly Option<string?> _name = CliOptions.Optional<string?>("--nbd-name", "NAME", ParseName,
        "What the export is called; clients who name none get it unless this is given");

    private readonly Option<string?> _certificates = CliOptions.Optional<string?>("--nbd-tls-certificates", "DIR", CliOptions.ParseFile,
        "Clients have to use TLS: the folder of server-cert.pem and server-key.pem, which are the server's own; of ca-cert.pem too with --nbd-tls-verify-clients, and else that is not read");

    private readonly Option<bool> _verifyClients = new("--nbd-tls-verify-clients")
    {
        Description = "Let in only clients that have a certificate of their own, signed by ca-cert.pem in the folder of --nbd-tls-certificates",
    };

    /// <summary>Makes them.</summary>
    /// <param name="description">What an export is here.</param>
    /// <param name="required">Whether there must be one.</param>
    public NbdArguments(string description, bool required)
    {
        _endPoint = CliOptions.Optional<EndPoint?>("--nbd", "PLACE", EndPointText.Parse,
            $"{description}: {EndPointText.Forms}; a port alone is for clients on this machine");
        _endPoint.Required = required;
        _endPoint.CompletionSources.Add("unix:", "tcp:10809");
    }

    /// <summary>Gives them to a verb.</summary>
    public void AddTo(Command command)
    {
        command.Add(_endPoint);
        command.Add(_name);
        command.Add(_certificates);
        command.Add(_verifyClients);
    }

    /// <summary>What a command line asks for; null if it asks for no export.</summary>
    /// <exception cref="MpathdException">Options do not go together.</exception>
    public NbdHostOptions? Of(ParseResult parsed)
    {
        if (parsed.GetValue(_endPoint) is { } endPoint)
        {
            var options = new NbdHostOptions(endPoint, parsed.GetValue(_name) ?? "", parsed.GetValue(_certificates), parsed.GetValue(_verifyClients));
            return !options.VerifiesClients || options.Certificates is not null ? options : throw MpathdException.WrongArguments(
                $"{_verifyClients.Name} is of clients that use TLS, and without {_certificates.Name} there are none",
                $"give {_certificates.Name} DIR as well, the folder of {NbdHostOptions.FilesOf(verifiesClients: true)}");
        }

        Option? idle = new Option[] { _name, _certificates, _verifyClients }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return idle is null ? null : throw MpathdException.WrongArguments(
            $"{idle.Name} says how an export is, and there is none", "give --nbd as well, such as --nbd unix:/run/mpathd/disk.nbd");
    }

    private static string ParseName(string text) => Encoding.UTF8.GetByteCount(text) <= NbdHostOptions.MaxName && !text.Contains('\0')
        ? text
        : throw new FormatException($"'{text}' cannot be the name of an export; give at most {NbdHostOptions.MaxName} bytes, such as --nbd-name disk");
}

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
        "Clients have to use TLS: the folder of ca-cert.pem, server-cert.pem and server-key.pem");

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
    }

    /// <summary>What a command line asks for; null if it asks for no export.</summary>
    /// <exception cref="MpathdException">Options do not go together.</exception>
    public NbdHostOptions? Of(ParseResult parsed)
    {
        if (parsed.GetValue(_endPoint) is { } endPoint)
        {
            return new NbdHostOptions(endPoint, parsed.GetValue(_name) ?? "", parsed.GetValue(_certificates));
        }

        Option? idle = new Option[] { _name, _certificates }.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return idle is null ? null : throw MpathdException.WrongArguments(
            $"{idle.Name} says how an export is, and there is none", "give --nbd as well, such as --nbd unix:/run/mpathd/disk.nbd");
    }

    private static string ParseName(string text) => Encoding.UTF8.GetByteCount(text) <= NbdHostOptions.MaxName && !text.Contains('\0')
        ? text
        : throw new FormatException($"'{text}' cannot be the name of an export; give at most {NbdHostOptions.MaxName} bytes, such as --nbd-name disk");
}

using System.Globalization;
using System.Text.RegularExpressions;
using LibMultipath.Ublk.Tests.Scenarios.Kit;

namespace Mpathd.Tests.Machine;

/// <summary>What <c>sg_persist</c> reads from a SCSI unit, and does to it, through a disk that no head has: a rival's view.</summary>
/// <param name="path">The way to the unit.</param>
internal sealed partial class SgPersist(ScsiRigPath path)
{
    /// <summary>What the target calls exclusive access for registrants only.</summary>
    public const int ExclusiveAccessRegistrantsOnly = 6;

    // What sg_persist ends with.
    private const int UnitAttention = 6;
    private const int MostAttentions = 20;

    /// <summary>The keys that are registered, each as often as it is.</summary>
    public ulong[] Keys => [.. KeyLines().Matches(Read("--read-keys")).Select(match => Hex(match.Groups[1].Value))];

    /// <summary>The reservation: its key, and its type in the words of the program; null when there is none.</summary>
    public (ulong Key, string Type)? Reservation
    {
        get
        {
            string text = Read("--read-reservation");
            if (text.Contains("NO reservation", StringComparison.Ordinal))
            {
                return null;
            }

            Match match = ReservationLines().Match(text);
            Assert.True(match.Success, text);
            return (Hex(match.Groups[1].Value), match.Groups[2].Value.Trim());
        }
    }

    /// <summary>Registers a key; 0 ends the registration.</summary>
    public void Register(ulong key) => Out($"--register-ignore --param-sark={key:x}");

    /// <summary>Takes the registrations of a key away, and a reservation with them.</summary>
    public void Preempt(ulong key, ulong victim) => Out($"--preempt --param-rk={key:x} --param-sark={victim:x} --prout-type={ExclusiveAccessRegistrantsOnly}");

    /// <summary>Ends all registrations and the reservation.</summary>
    public void Clear(ulong key) => Out($"--clear --param-rk={key:x}");

    private string Read(string what) => Run($"--in {what}");

    private void Out(string what) => Run($"--out {what}");

    private string Run(string arguments)
    {
        // A unit attention for each change that others have made; none of these commands was carried out.
        string command = $"sg_persist --no-inquiry {arguments} {path.Device}";
        for (int attentions = 0; attentions < MostAttentions; attentions++)
        {
            (int code, string output) = Shell.Try(command);
            if (code != UnitAttention)
            {
                return code == 0 ? output : throw new InvalidOperationException($"'{command}' ended with {code}:\n{output}");
            }
        }

        throw new InvalidOperationException($"'{command}' meets one unit attention after the other");
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex("^ +0x([0-9a-f]+)$", RegexOptions.Multiline)]
    private static partial Regex KeyLines();

    [GeneratedRegex("Key=0x([0-9a-f]+).*type: ([^\n]+)", RegexOptions.Singleline)]
    private static partial Regex ReservationLines();
}

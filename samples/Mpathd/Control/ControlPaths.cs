using System.Text;

namespace Mpathd.Control;

/// <summary>Where control sockets are.</summary>
internal static class ControlPaths
{
    /// <summary>The longest name that a Unix socket can have, in bytes.</summary>
    public const int MostBytes = 107;

    private const string Name = "control.sock";

    /// <summary>The socket of a daemon that was not told another.</summary>
    public static string Default => DefaultOf(Libc.EffectiveUser(), Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR"));

    /// <summary>
    /// The default of a user: of root, who may be there by login, by sudo or as a service, always the same; of others in
    /// the folder that the system gives them if its name leaves room, or else in one of their own.
    /// </summary>
    /// <param name="user">The user's number.</param>
    /// <param name="runtimeFolder"><c>XDG_RUNTIME_DIR</c>.</param>
    public static string DefaultOf(uint user, string? runtimeFolder) =>
        user == 0 ? $"/run/mpathd/{Name}"
        : Path.IsPathFullyQualified(runtimeFolder ?? "") && Path.Combine(runtimeFolder!, "mpathd", Name) is var path && Fits(path) ? path
        : $"/tmp/mpathd-{user}/{Name}";

    /// <summary>Reads what <c>--control</c> is given.</summary>
    /// <exception cref="FormatException">It cannot be the name of a socket.</exception>
    public static string Parse(string text)
    {
        if (text.Length == 0 || text.Contains('\0') || text.EndsWith('/'))
        {
            throw new FormatException($"'{text}' is not a name for a socket; give one such as /run/mpathd/disk.sock");
        }

        string full = Path.GetFullPath(text);
        return Fits(full)
            ? full
            : throw new FormatException($"'{full}' is too long for a socket; give a name of at most {MostBytes} bytes, such as /run/mpathd/disk.sock");
    }

    private static bool Fits(string path) => Encoding.UTF8.GetByteCount(path) <= MostBytes;
}

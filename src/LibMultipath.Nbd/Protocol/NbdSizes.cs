namespace LibMultipath.Nbd.Protocol;

/// <summary>How long what a peer sends may be. Nothing longer is taken memory for.</summary>
internal static class NbdSizes
{
    /// <summary>The longest text (names, descriptions, messages), in bytes: what the protocol allows.</summary>
    public const int Text = 4096;

    /// <summary>The longest option or answer to one, in bytes.</summary>
    public const int Option = 64 * 1024;

    /// <summary>The longest read or write, in bytes: what every server takes that says nothing else.</summary>
    public const int Payload = 32 * 1024 * 1024;

    /// <summary>The smallest block that can be told, in bytes.</summary>
    public const int LargestMinimumBlock = 64 * 1024;

    /// <summary>The most options in a handshake.</summary>
    public const int OptionsPerHandshake = 64;

    /// <summary>The most answers to one option.</summary>
    public const int RepliesPerOption = 4096;
}

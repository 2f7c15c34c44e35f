namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>What an nbdkit is asked for.</summary>
internal sealed record NbdkitOptions
{
    public string Plugin { get; init; } = "memory";

    /// <summary>Of the plugin and of the filters.</summary>
    public string[] Parameters { get; init; } = [];

    /// <summary>The first is the outermost.</summary>
    public string[] Filters { get; init; } = [];

    /// <summary>A port of 127.0.0.1, not a socket.</summary>
    public bool Tcp { get; init; }

    /// <summary>Whether one request at a time is carried out.</summary>
    public bool SingleThreaded { get; init; }

    public bool ReadOnly { get; init; }

    public bool StructuredReplies { get; init; } = true;

    /// <summary>The folder of the certificates, if clients must use TLS.</summary>
    public string? Tls { get; init; }

    /// <summary>Whether clients must have a certificate.</summary>
    public bool VerifyPeer { get; init; }
}

namespace Mpathd.Serving;

/// <summary>An attribute of the disk, or a link to a group of them, at one moment. Its names are a contract, and only ever added to.</summary>
internal sealed record AttributeStatus
{
    /// <summary>The full name, as in sysfs: <c>path/0/access_state</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The value, without the end of the line.</summary>
    public string? Value { get; init; }

    /// <summary>Of a link: the full name that it stands for.</summary>
    public string? Link { get; init; }

    /// <summary>Why there is no value.</summary>
    public string? Error { get; init; }

    /// <summary>Whether it can be set.</summary>
    public bool Writable { get; init; }
}

using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>What a server has said of its export.</summary>
internal sealed record NbdExportInfo
{
    /// <summary>In bytes.</summary>
    public required ulong Size { get; init; }

    /// <summary>What it can do.</summary>
    public required NbdExportFlags Flags { get; init; }

    /// <summary>Whether answers come in chunks.</summary>
    public bool IsStructured { get; init; }

    /// <summary>The smallest request, in bytes; 1 unless the server says something.</summary>
    public uint MinimumBlock { get; init; } = 1;

    /// <summary>The best request, in bytes; 4096 unless the server says something.</summary>
    public uint PreferredBlock { get; init; } = 4096;

    /// <summary>The largest read or write, in bytes.</summary>
    public uint MaximumBlock { get; init; } = NbdSizes.Payload;

    /// <summary>For people; null if there is none.</summary>
    public string? Description { get; init; }

    /// <summary>Whether it can do this.</summary>
    public bool Can(NbdExportFlags flag) => (Flags & flag) != 0;
}

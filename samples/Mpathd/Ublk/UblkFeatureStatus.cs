using LibMultipath.Ublk.Abi;

namespace Mpathd.Ublk;

/// <summary>What the kernel's ublk offers, as <c>mpathd ublk features</c> tells it. Its names are only ever added to.</summary>
internal sealed record UblkFeatureStatus
{
    /// <summary>By their kernel names, without UBLK_F_; a bit that has none here, by its number.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    /// <summary>Those that this program knows and the kernel has not.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>Whether the kernel is too old to be asked, and these are what such kernels have.</summary>
    public required bool Inferred { get; init; }

    /// <summary>Makes it of what the kernel says.</summary>
    public static UblkFeatureStatus Of(UblkFeatures features, bool inferred) => new()
    {
        Features = features.Names(),
        Missing = (UblkFeatureNames.Known & ~features).Names(),
        Inferred = inferred,
    };
}

namespace Mpathd.Engine;

/// <summary>What is wrong with a block that was read, if anything.</summary>
internal enum BlockVerdict
{
    /// <summary>It is what was acknowledged last.</summary>
    Good,

    /// <summary>Its contents do not match the checksum in it.</summary>
    Checksum,

    /// <summary>It is whole, but another run wrote it.</summary>
    OtherRun,

    /// <summary>It is whole, but another block's.</summary>
    OtherAddress,

    /// <summary>It is whole and in its place, but not what was acknowledged last.</summary>
    OtherVersion,

    /// <summary>It was never written, and is not all zeroes.</summary>
    NotZero,
}

using System.Globalization;

namespace Mpathd.Engine;

/// <summary>A block that was read and is not what was acknowledged last.</summary>
/// <param name="Block">Its number.</param>
/// <param name="Verdict">What is wrong.</param>
/// <param name="Acknowledged">The version that it must have.</param>
/// <param name="Found">The version that it says it has.</param>
internal sealed record Miscompare(long Block, BlockVerdict Verdict, uint Acknowledged, ulong Found)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"block {Block}: ") + Verdict switch
    {
        BlockVerdict.Checksum => "its contents do not match its checksum",
        BlockVerdict.OtherRun => "it was not written by this run",
        BlockVerdict.OtherAddress => "it is another block's",
        BlockVerdict.OtherVersion => string.Create(CultureInfo.InvariantCulture, $"it has version {Found}, version {Acknowledged} was acknowledged"),
        BlockVerdict.NotZero => "it was never written and is not zero",
        _ => "it is good",
    };
}

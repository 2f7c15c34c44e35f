using LibMultipath.Block;

namespace LibMultipath.Diagnostics;

/// <summary>What measurements, activities and events call the same things.</summary>
internal static class DiagnosticTags
{
    public const string Head = "mpath.head";
    public const string Path = "mpath.path";
    public const string Operation = "mpath.operation";
    public const string Sector = "mpath.sector";
    public const string Size = "mpath.size";
    public const string Status = "mpath.status";
    public const string Outcome = "mpath.outcome";

    public static string NameOf(BioOp op) => op switch
    {
        BioOp.Read => "read",
        BioOp.Write => "write",
        BioOp.Flush => "flush",
        BioOp.Discard => "discard",
        BioOp.SecureErase => "secure_erase",
        BioOp.ZoneAppend => "zone_append",
        BioOp.WriteZeroes => "write_zeroes",
        BioOp.ZoneOpen => "zone_open",
        BioOp.ZoneClose => "zone_close",
        BioOp.ZoneFinish => "zone_finish",
        BioOp.ZoneReset => "zone_reset",
        BioOp.ZoneResetAll => "zone_reset_all",
        _ => "other",
    };

    public static string NameOf(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Done => "done",
        AttemptOutcome.Retry => "retry",
        AttemptOutcome.PathError => "path_error",
        _ => "access_state_error",
    };
}

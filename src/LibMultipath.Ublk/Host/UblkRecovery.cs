using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Host;

/// <summary>What becomes of the disk when its server dies.</summary>
public enum UblkRecovery
{
    /// <summary>It goes: I/O fails.</summary>
    None,

    /// <summary>It waits for the next server: new I/O waits, what was with the server fails (<c>UBLK_F_USER_RECOVERY</c>).</summary>
    Queue,

    /// <summary>It waits for the next server, which gets what was with the last one as well: nobody sees an error (<c>UBLK_F_USER_RECOVERY_REISSUE</c>).</summary>
    Reissue,

    /// <summary>It waits for the next server, and I/O fails until there is one (<c>UBLK_F_USER_RECOVERY_FAIL_IO</c>).</summary>
    FailIo,
}

/// <summary>The kernel's names for it.</summary>
public static class UblkRecoveries
{
    /// <summary>What becomes of a device with these features.</summary>
    public static UblkRecovery Of(UblkFeatures features) => features switch
    {
        _ when !features.HasFlag(UblkFeatures.UserRecovery) => UblkRecovery.None,
        _ when features.HasFlag(UblkFeatures.UserRecoveryReissue) => UblkRecovery.Reissue,
        _ when features.HasFlag(UblkFeatures.UserRecoveryFailIo) => UblkRecovery.FailIo,
        _ => UblkRecovery.Queue,
    };

    /// <summary>The features that it needs.</summary>
    public static UblkFeatures ToFeatures(this UblkRecovery recovery) => recovery switch
    {
        UblkRecovery.Queue => UblkFeatures.UserRecovery,
        UblkRecovery.Reissue => UblkFeatures.UserRecovery | UblkFeatures.UserRecoveryReissue,
        UblkRecovery.FailIo => UblkFeatures.UserRecovery | UblkFeatures.UserRecoveryFailIo,
        _ => UblkFeatures.None,
    };
}

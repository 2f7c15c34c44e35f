namespace Mpathd.Tests.Kit;

/// <summary>What a disk may do wrong with an I/O.</summary>
internal enum DiskFault
{
    None,

    /// <summary>A read brings one bit that is not what was written.</summary>
    Corrupt,

    /// <summary>A write is acknowledged and not carried out.</summary>
    Forget,

    /// <summary>The I/O goes to the wrong place.</summary>
    Misplace,

    /// <summary>The I/O ends with an error that no other path could do better.</summary>
    Error,

    /// <summary>The I/O never ends.</summary>
    Lose,

    /// <summary>The driver ends its attempt twice, which the library catches.</summary>
    CompleteTwice,

    /// <summary>The submitter is told twice, as a library would that does not catch it.</summary>
    EndTwice,
}

using System.Diagnostics;

namespace LibMultipath.Diagnostics;

/// <summary>
/// The activities of a bio that is under way, kept with it (<c>MpathIo.Trace</c>) from its submission to its end. It is its
/// owner's: what another one finds there was left behind by a head that is not watched any more, and means nothing.
/// </summary>
internal sealed class IoTrace
{
    /// <summary>Of what was submitted.</summary>
    /// <param name="owner">Who watches the head.</param>
    /// <param name="io">The I/O's activity; null if it was sampled out.</param>
    public IoTrace(HeadActivities owner, Activity? io)
    {
        Owner = owner;
        Io = io;
        Whole = this;
    }

    /// <summary>Of a part of it.</summary>
    public IoTrace(IoTrace whole)
    {
        Owner = whole.Owner;
        Io = whole.Io;
        Whole = whole.Whole;
    }

    public HeadActivities Owner { get; }

    public Activity? Io { get; }

    /// <summary>That of what was submitted. The parts add to its activity under its lock, from several threads.</summary>
    public IoTrace Whole { get; }

    public bool IsPart => Whole != this;

    /// <summary>That of the attempt that is under way at this bio; null between attempts, or if it was sampled out.</summary>
    public Activity? Attempt { get; set; }
}

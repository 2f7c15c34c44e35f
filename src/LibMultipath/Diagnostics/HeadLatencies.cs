using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;

namespace LibMultipath.Diagnostics;

/// <summary>
/// Measures a head for the histograms of the meter. A timestamp is taken only while somebody listens; who begins to in the
/// middle of an I/O finds none, and the I/O is left out.
/// </summary>
internal sealed class HeadLatencies(MpathHead head)
{
    private readonly KeyValuePair<string, object?> _headTag = new(DiagnosticTags.Head, head.Name);

    public void OnSubmitted(Bio bio)
    {
        if (MpathInstruments.HeadDuration.Enabled)
        {
            MpathIo.Of(bio).SubmitTimestamp = head.TimeProvider.GetTimestamp();
        }
    }

    public void OnRemapped(Bio bio) =>
        MpathIo.Of(bio).AttemptTimestamp = MpathInstruments.PathDuration.Enabled ? head.TimeProvider.GetTimestamp() : MpathIo.NotTimed;

    public void OnAttemptEnded(Bio bio, MpathDevice path)
    {
        MpathIo io = MpathIo.Of(bio);
        long begun = io.AttemptTimestamp;
        io.AttemptTimestamp = MpathIo.NotTimed;
        if (begun != MpathIo.NotTimed && MpathInstruments.PathDuration.Enabled)
        {
            MpathInstruments.PathDuration.Record(
                head.TimeProvider.GetElapsedTime(begun).TotalSeconds,
                _headTag,
                new KeyValuePair<string, object?>(DiagnosticTags.Path, path.Name));
        }
    }

    public void OnEnded(Bio bio)
    {
        // Taken away: the bio's next submission may end without having been given to a path.
        MpathIo io = MpathIo.Of(bio);
        long begun = io.SubmitTimestamp;
        io.SubmitTimestamp = MpathIo.NotTimed;
        if (begun != MpathIo.NotTimed && MpathInstruments.HeadDuration.Enabled)
        {
            MpathInstruments.HeadDuration.Record(head.TimeProvider.GetElapsedTime(begun).TotalSeconds, _headTag);
        }
    }
}

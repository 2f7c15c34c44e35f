using System.Runtime.CompilerServices;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnSubmitted(Bio bio)
    {
        if (MpathInstruments.HeadDuration.Enabled)
        {
            MpathIo.Of(bio).SubmitTimestamp = head.TimeProvider.GetTimestamp();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnRemapped(MpathIo io) =>
        io.AttemptTimestamp = MpathInstruments.PathDuration.Enabled ? head.TimeProvider.GetTimestamp() : MpathIo.NotTimed;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnAttemptEnded(MpathIo io, MpathDevice path)
    {
        if (io.AttemptTimestamp != MpathIo.NotTimed)
        {
            EndAttempt(io, path);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnEnded(MpathIo io)
    {
        if (io.SubmitTimestamp != MpathIo.NotTimed)
        {
            End(io);
        }
    }

    private void EndAttempt(MpathIo io, MpathDevice path)
    {
        long begun = io.AttemptTimestamp;
        io.AttemptTimestamp = MpathIo.NotTimed;
        if (MpathInstruments.PathDuration.Enabled)
        {
            MpathInstruments.PathDuration.Record(
                head.TimeProvider.GetElapsedTime(begun).TotalSeconds,
                _headTag,
                new KeyValuePair<string, object?>(DiagnosticTags.Path, path.Name));
        }
    }

    // Taken away: the bio's next submission may end without having been given to a path.
    private void End(MpathIo io)
    {
        long begun = io.SubmitTimestamp;
        io.SubmitTimestamp = MpathIo.NotTimed;
        if (MpathInstruments.HeadDuration.Enabled)
        {
            MpathInstruments.HeadDuration.Record(head.TimeProvider.GetElapsedTime(begun).TotalSeconds, _headTag);
        }
    }
}

using LibMultipath.Disk;
using LibMultipath.Paths;

namespace LibMultipath.Diagnostics;

/// <summary>One head that is shown in the meter: what is measured at its hook points.</summary>
internal sealed class HeadTelemetry : IDisposable
{
    private readonly IDisposable[] _attachments;
    private readonly KeyValuePair<string, object?> _headTag;
    private int _disposed;

    public HeadTelemetry(MpathHead head)
    {
        Head = head;
        _headTag = new KeyValuePair<string, object?>(MpathInstruments.HeadTag, head.Name);
        MpathInstruments.Add(this);
        _attachments =
        [
            head.Hooks.BioSubmitted.Attach(OnSubmitted),
            head.Hooks.BioRemapped.Attach(OnRemapped),
            head.Hooks.AttemptEnded.Attach(OnAttemptEnded),
            head.Hooks.BioEnded.Attach(OnEnded),
        ];
    }

    public MpathHead Head { get; }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            MpathInstruments.Remove(this);
            foreach (IDisposable attachment in _attachments)
            {
                attachment.Dispose();
            }
        }
    }

    // A timestamp is taken only while somebody listens. One that begins to in the middle of an I/O finds none, and
    // the I/O is left out.
    private void OnSubmitted(scoped in BioSubmittedArgs args)
    {
        if (MpathInstruments.HeadDuration.Enabled)
        {
            MpathIo.Of(args.Bio).SubmitTimestamp = Head.TimeProvider.GetTimestamp();
        }
    }

    private void OnRemapped(scoped in BioRemappedArgs args) =>
        MpathIo.Of(args.Bio).AttemptTimestamp = MpathInstruments.PathDuration.Enabled ? Head.TimeProvider.GetTimestamp() : MpathIo.NotTimed;

    private void OnAttemptEnded(scoped in AttemptEndedArgs args)
    {
        long begun = MpathIo.Of(args.Bio).AttemptTimestamp;
        if (begun != MpathIo.NotTimed && MpathInstruments.PathDuration.Enabled)
        {
            MpathInstruments.PathDuration.Record(
                Head.TimeProvider.GetElapsedTime(begun).TotalSeconds,
                _headTag,
                new KeyValuePair<string, object?>(MpathInstruments.PathTag, args.Path.Name));
        }
    }

    private void OnEnded(scoped in BioEndedArgs args)
    {
        // Taken away: the bio's next submission may end without having been given to a path.
        MpathIo io = MpathIo.Of(args.Bio);
        long begun = io.SubmitTimestamp;
        io.SubmitTimestamp = MpathIo.NotTimed;
        if (begun != MpathIo.NotTimed && MpathInstruments.HeadDuration.Enabled)
        {
            MpathInstruments.HeadDuration.Record(Head.TimeProvider.GetElapsedTime(begun).TotalSeconds, _headTag);
        }
    }
}

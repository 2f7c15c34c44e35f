using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Tests.Torture;

/// <summary>A thread that attaches selectors to a head, lets others take their place, and detaches them, all the time.</summary>
internal sealed class TortureSelectors
{
    private readonly MpathSelectors _selectors = new();
    private readonly MpathHead _head;
    private readonly TortureVerdict _verdict;
    private readonly Thread _thread;
    private bool _stop;
    private long _changes;
    private long _calls;
    private long _cameOff;

    public TortureSelectors(MpathHead head, TortureVerdict verdict)
    {
        _head = head;
        _verdict = verdict;
        _thread = new Thread(Run) { IsBackground = true, Name = "torture selectors" };
        _thread.Start();
    }

    /// <summary>How often what selects was changed.</summary>
    public long Changes => Volatile.Read(ref _changes);

    /// <summary>How often a selector was asked for a path, of those that are off.</summary>
    public long Calls => Volatile.Read(ref _calls);

    public void Stop()
    {
        Volatile.Write(ref _stop, true);
        if (!_thread.Join(TimeSpan.FromMinutes(2)))
        {
            _verdict.Fail("A selector could not be taken off in two minutes.");
        }
    }

    public override string ToString() => $"selectors changed {Changes:N0} times, asked {Calls:N0} times, came off by themselves {_cameOff:N0} times";

    private void Run()
    {
        try
        {
            for (int number = 0; !Volatile.Read(ref _stop); number += 3)
            {
                PlayOnce(number);
            }
        }
        catch (Exception exception)
        {
            _verdict.Fail($"Changing selectors threw: {exception}");
        }
    }

    private void PlayOnce(int number)
    {
        TortureSelector selector = new(_verdict, number);
        SelectorRegistration registration = Register(selector, number);
        for (int i = 1; i < 3; i++)
        {
            TortureSelector next = new(_verdict, number + i);
            try
            {
                registration.Replace(next);
            }
            catch (ObjectDisposedException) when (!registration.IsAttached)
            {
                Interlocked.Increment(ref _cameOff);
                break;
            }

            End(selector);
            selector = next;
        }

        registration.Dispose();
        End(selector);
    }

    // One that comes off by itself is in the way until it is off.
    private SelectorRegistration Register(TortureSelector selector, int number)
    {
        var options = new SelectorOptions { MaxFaults = number % 2 == 0 ? 0 : 2 };
        while (true)
        {
            try
            {
                return _selectors.Register(selector, _head, options);
            }
            catch (BlockException busy) when (busy.Errno == Errno.EBUSY && !Volatile.Read(ref _stop))
            {
                Thread.Yield();
            }
        }
    }

    private void End(TortureSelector selector)
    {
        selector.IsOff = true;
        Interlocked.Increment(ref _changes);
        Interlocked.Add(ref _calls, selector.Calls);
    }
}

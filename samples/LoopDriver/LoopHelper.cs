using System.Collections.Concurrent;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LoopDriver;

/// <summary>
/// Carries out what a ring does not know how to, one after the other, on a thread that begins with the first. Any thread.
/// </summary>
internal sealed class LoopHelper(string name, DescriptorTarget target)
{
    private readonly BlockingCollection<(BioAttempt Attempt, SafeFileHandle File)> _attempts = [];
    private readonly Lock _lock = new();
    private bool _started;

    /// <summary>Takes an attempt.</summary>
    public void Add(BioAttempt attempt, SafeFileHandle file)
    {
        try
        {
            Start();
            _attempts.Add((attempt, file));
        }
        catch (BlockException)
        {
            // No thread for now.
            attempt.End(BlockStatus.Resource);
        }
        catch (InvalidOperationException)
        {
            // It has stopped.
            attempt.FailPath(BlockStatus.Transport);
        }
    }

    /// <summary>Takes no more, and lets the thread go when it has carried out what it has.</summary>
    public void Stop() => _attempts.CompleteAdding();

    private void Start()
    {
        lock (_lock)
        {
            if (!_started)
            {
                LoopThreads.Start($"{name}/helper", Work);
                _started = true;
            }
        }
    }

    private void Work()
    {
        using var io = new LoopIo(target);
        foreach ((BioAttempt attempt, SafeFileHandle file) in _attempts.GetConsumingEnumerable())
        {
            io.CarryOut(attempt, file);
        }
    }
}

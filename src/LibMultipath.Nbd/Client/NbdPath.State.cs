using System.Globalization;
using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Topology;

namespace LibMultipath.Nbd.Client;

// How the path comes to a head, fails, comes back, and goes.
public sealed partial class NbdPath
{
    private readonly Lock _stateLock = new();
    private ControllerRecovery? _recovery;
    private bool _isFailed;
    private bool _isReleased;
    private string? _lastEnd;

    /// <summary>
    /// The server was not reached within the loss time: the path is given up. On a thread that may block. If nobody listens, it
    /// is removed from its head, as an NVMe host removes a controller.
    /// </summary>
    public event Action<NbdPath>? Lost;

    /// <summary>The path of a head that this is the disk of; null before <see cref="AddTo"/>.</summary>
    public MpathDevice? Path { get; private set; }

    /// <summary>Whether there is a connection over which requests go.</summary>
    public bool IsConnected => Session is { IsClosing: false, IsOver: false };

    /// <summary>Whether it was failed with <see cref="Fail"/> or <see cref="Drop"/>, and not restored since.</summary>
    public bool IsFailed => Volatile.Read(ref _isFailed);

    /// <summary>Whether it was given up after the loss time.</summary>
    public bool IsLost => _recovery is { IsLost: true };

    /// <summary>How the connection is, in a line for people, who see the <see cref="Address"/> beside it.</summary>
    public string ConnectionState
    {
        get
        {
            if (IsFailed)
            {
                return "failed by hand";
            }

            if (IsConnected)
            {
                return HeldWriteCount is > 0 and int held ? Text($"connected; {held} earlier writes are held") : "connected";
            }

            if (_recovery is not { } recovery)
            {
                return "not connected";
            }

            string why = WithoutAddress(recovery.LastError ?? _lastEnd ?? "not connected yet");
            return recovery.IsLost ? Text($"lost: {why}")
                : recovery.UntilNextAttempt is { } left ? Text($"connecting, attempt {recovery.Attempts + 1} in {Math.Max(0, left.TotalSeconds):0.0} s: {why}")
                : Text($"connecting, attempt {recovery.Attempts}: {why}");
        }
    }

    /// <summary>Adds the path to a head.</summary>
    /// <param name="head">The head. Its paths, if it has any, lead to the same data: no server can tell.</param>
    /// <param name="controller">The controller that stands for the connection: this path's alone. Its failure times are the path's.</param>
    /// <param name="numaNode">The node it is near to.</param>
    /// <param name="accessState">Its access state; null for optimized. See <see cref="NbdHeadTemplate"/> for servers without multi-conn.</param>
    /// <returns>The path as the head sees it; <see cref="MpathHead.Remove"/> takes it away again.</returns>
    /// <remarks>
    /// A path that is not connected takes the head's capacity and limits for its own, and is used when it has connected and
    /// they are what the server says.
    /// </remarks>
    /// <exception cref="BlockException">
    /// It is not connected, and the head has no path that would tell how large the disk is (ENODEV); or the sizes differ (EINVAL).
    /// </exception>
    /// <exception cref="InvalidOperationException">It was added to a head before.</exception>
    public MpathDevice AddTo(
        MpathHead head,
        MpathController controller,
        int numaNode = NumaNode.None,
        MpathAccessState? accessState = null)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(controller);
        lock (_stateLock)
        {
            ObjectDisposedException.ThrowIf(_isReleased, this);
            if (Path is not null)
            {
                throw new InvalidOperationException($"{Name} was added to a head before; make another path.");
            }

            WantedState = accessState ?? MpathAccessState.Optimized;
            bool isConnected = IsConnected;
            FitTo(head, isConnected);
            var path = new MpathDevice(controller, this, numaNode, WantedState);
            head.Add(path);
            Path = path;
            _recovery = new ControllerRecovery(controller, ConnectAgain, OnLost, _time, Logger);

            // It may have been lost meanwhile, when there was nobody to tell.
            if (!IsConnected)
            {
                _recovery.ConnectionLost(_lastEnd ?? "not connected yet");
            }
        }

        Prepare();
        Path.SetLive();
        Arrange(waits: true);
        return Path;
    }

    /// <summary>
    /// The connection is closed, as by <see cref="Fail"/>, which is to follow. What the server has not seen fails now, what it
    /// has is still waited for. Does not block: for who has just set the path down, and may not wait.
    /// </summary>
    public void Drop()
    {
        // In this order: a connection that is lost meanwhile, or made, looks at the first after it has begun what the others end.
        Interlocked.Exchange(ref _isFailed, true);
        _recovery?.Stop();
        Session?.Close("failed by hand");
    }

    /// <summary>The path fails, until it is restored. Blocks for a grace period.</summary>
    public void Fail()
    {
        Path?.SetDown();
        Drop();
        Arrange(waits: true);
    }

    /// <summary>The path works again: it is connected anew. Blocks until it has.</summary>
    /// <exception cref="BlockException">It cannot be connected. The path stays failed.</exception>
    /// <exception cref="ObjectDisposedException">The path was removed or disposed.</exception>
    public void Restore()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isReleased), this);
        if (!IsFailed && !IsLost)
        {
            return;
        }

        Establish(byHand: true, CancellationToken.None);
        Volatile.Write(ref _isFailed, false);
        if (Path is { } path)
        {
            // Attempts of before are over, and so is what they had come to.
            _recovery!.Stop();
            path.Controller.Initialize();
            Prepare();
            path.Controller.State = MpathControllerState.Live;
            path.SetLive();
            Arrange(waits: true);
            if (!IsConnected)
            {
                // The loss may have been told before the path was set live, and then nobody says so again.
                _recovery.Stop();
                _recovery.ConnectionLost(_lastEnd ?? "lost again");
            }
        }
    }

    /// <summary>The access state that it has where nothing is against it.</summary>
    internal MpathAccessState WantedState { get; private set; } = MpathAccessState.Optimized;

    /// <inheritdoc/>
    protected override void Release()
    {
        NbdSession[] sessions;
        lock (_stateLock)
        {
            if (_isReleased)
            {
                return;
            }

            Volatile.Write(ref _isReleased, true);
            sessions = _sessions;
        }

        _recovery?.Dispose();
        foreach (NbdSession session in sessions)
        {
            session.Close("removed");
        }

        Arrange(waits: false);
    }

    private void FitTo(MpathHead head, bool isConnected)
    {
        if (head.PathCount == 0)
        {
            if (!isConnected)
            {
                throw new BlockException(Errno.ENODEV, $"{Name} is not connected, and {head.Name} has no path yet that tells how large it is; connect it first");
            }

            return;
        }

        if (!isConnected)
        {
            Take(new PathShape(head.CapacitySectors, head.Limits));
        }
        else if (CapacitySectors != head.CapacitySectors)
        {
            throw new BlockException(Errno.EINVAL, Differs(head, CapacitySectors));
        }
    }

    private string Differs(MpathHead head, long sectors) =>
        Text($"{Address}: it has {sectors * QueueLimits.SectorSize} bytes, the disk {head.CapacitySectors * QueueLimits.SectorSize}: they are not the same data");

    // Before it is used again: it must not be the second one where one is used alone.
    private void Prepare()
    {
        if (IsConnected && Path is { Head.Template: NbdHeadTemplate template })
        {
            template.Prepare(this);
        }
    }

    // Waiting is for those whom nobody waits for: states that are set may have a disk shown, and that may need this path.
    private void Arrange(bool waits)
    {
        if (Path is { Head: { Template: NbdHeadTemplate template } head })
        {
            template.Arrange(head, waits);
        }
    }

    private void OnLost()
    {
        _log.Write(() => Logger.GivenUp(Name, Address));
        if (Lost is { } lost)
        {
            lost(this);
        }
        else if (Path is { IsRemoved: false } path)
        {
            path.Head.Remove(path);
        }
    }

    // What goes wrong with a connection begins with the address, which is shown beside it here.
    private string WithoutAddress(string problem)
    {
        string address = $"{Address}: ";
        return problem.StartsWith(address, StringComparison.Ordinal) ? problem[address.Length..] : problem;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

namespace LibMultipath.Tests.Torture;

/// <summary>How often paths do what to single attempts, in parts of 65,536.</summary>
internal sealed class TortureFaults
{
    private bool _calm;

    /// <summary>Set when everything has to work: for the read-back.</summary>
    public bool Calm
    {
        get => Volatile.Read(ref _calm);
        set => Volatile.Write(ref _calm, value);
    }

    public TortureFault Next(TortureRandom random)
    {
        int roll = random.Next(65536);
        if (roll >= 128 || Calm)
        {
            return TortureFault.None;
        }

        return roll switch
        {
            < 64 => TortureFault.Retry,
            < 80 => TortureFault.AccessState,
            < 104 => TortureFault.LostAck,
            _ => TortureFault.Fail,
        };
    }

    public bool Again(TortureRandom random) => random.Chance(32);

    public bool Throw(TortureRandom random) => random.Chance(2) && !Calm;

    public bool Inline(TortureRandom random) => random.Chance(1024);
}

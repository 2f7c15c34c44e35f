namespace LibMultipath.Block;

public sealed partial class Bio
{
    private BioCompound? _compound;

    /// <summary>The next bio of the list or chain that this one is on. Its owner's.</summary>
    internal Bio? Next;

    /// <summary>The bio before this one on a <see cref="BioWaitList"/>.</summary>
    internal Bio? Previous;

    /// <summary>When a bio that waits to be retried is due, as a timestamp of the disk's time provider.</summary>
    internal long DueTime;

    /// <summary>The parts of this bio when it is split: made when first needed, kept for the next time.</summary>
    internal BioCompound Compound => _compound ??= new BioCompound(this);
}

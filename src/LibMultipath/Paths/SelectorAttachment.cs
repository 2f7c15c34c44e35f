namespace LibMultipath.Paths;

/// <summary>A user's selector that goes before the policy, of one head or of all heads of a subsystem.</summary>
internal abstract class SelectorAttachment
{
    /// <summary>What selects for a head while this is attached.</summary>
    /// <param name="policy">What would select without it, and does when it gives no answer.</param>
    public abstract PathSelector Over(PathSelector policy);

    /// <summary>The one head that it was attached to is gone, and nothing selects for it any more.</summary>
    public abstract void OnHeadGone();
}

using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>What a selector is attached to: one head, or all heads of a subsystem.</summary>
internal abstract class SelectorTarget
{
    public abstract string Name { get; }

    /// <summary>Exchanges what is attached.</summary>
    /// <returns>False if something else was there, and still is.</returns>
    public abstract bool TryExchange(SelectorAttachment? old, SelectorAttachment? attachment);

    /// <summary>Waits until nothing selects any more, or is told of I/O, in a way that was changed before.</summary>
    public abstract void WaitForSelections();

    /// <summary>One head.</summary>
    public sealed class One(MpathHead head) : SelectorTarget
    {
        public override string Name => head.Name;

        public override bool TryExchange(SelectorAttachment? old, SelectorAttachment? attachment) =>
            head.TryExchangeSelector(old, attachment);

        public override void WaitForSelections() => head.WaitForSelections();
    }

    /// <summary>All heads of a subsystem, present and future.</summary>
    public sealed class All(MpathSubsystem subsystem) : SelectorTarget
    {
        public override string Name => subsystem.Nqn;

        public override bool TryExchange(SelectorAttachment? old, SelectorAttachment? attachment) =>
            subsystem.TryExchangeSelector(old, attachment);

        public override void WaitForSelections() => subsystem.WaitForSelections();
    }
}

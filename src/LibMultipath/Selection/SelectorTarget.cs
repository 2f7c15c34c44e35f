using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>What a selector is attached to: one head, or all heads of a subsystem.</summary>
internal abstract class SelectorTarget
{
    public abstract string Name { get; }

    /// <summary>Exchanges what is attached, and waits until nothing selects in the old way any more.</summary>
    /// <returns>False if something else was there, and still is.</returns>
    public abstract bool TryExchange(SelectorAttachment? old, SelectorAttachment? attachment);

    /// <summary>One head.</summary>
    public sealed class One(MpathHead head) : SelectorTarget
    {
        public override string Name => head.Name;

        public override bool TryExchange(SelectorAttachment? old, SelectorAttachment? attachment)
        {
            if (!head.TryExchangeSelector(old, attachment))
            {
                return false;
            }

            head.WaitForSelections();
            return true;
        }
    }

    /// <summary>All heads of a subsystem, present and future.</summary>
    public sealed class All(MpathSubsystem subsystem) : SelectorTarget
    {
        public override string Name => subsystem.Nqn;

        public override bool TryExchange(SelectorAttachment? old, SelectorAttachment? attachment)
        {
            if (!subsystem.TryExchangeSelector(old, attachment, out MpathHead[] heads))
            {
                return false;
            }

            foreach (MpathHead head in heads)
            {
                head.WaitForSelections();
            }

            return true;
        }
    }
}

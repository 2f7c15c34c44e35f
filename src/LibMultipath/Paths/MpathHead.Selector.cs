using System.Diagnostics.CodeAnalysis;

namespace LibMultipath.Paths;

// What selects for this head: its own attached selector, else that of its subsystem, else its policy.
public sealed partial class MpathHead
{
    private readonly Lock _selectorLock = new();
    private PathSelector _selector;
    private PathSelector? _policyHere;
    private SelectorAttachment? _own;
    private SelectorAttachment? _shared;

    /// <summary>What selects now. One field, read once an I/O.</summary>
    internal PathSelector Selector => Volatile.Read(ref _selector);

    /// <summary>Whether the selector that its policy stands for here has come off.</summary>
    internal bool HasPolicyEnded => Volatile.Read(ref _policyHere) is { IsEnded: true };

    /// <summary>Puts a selector in the place of another one that was attached to this head alone.</summary>
    /// <param name="old">What is there; null if nothing is.</param>
    /// <param name="attachment">What is to be there; null for nothing.</param>
    /// <returns>False if something else was there, and still is.</returns>
    internal bool TryExchangeSelector(SelectorAttachment? old, SelectorAttachment? attachment)
    {
        lock (_selectorLock)
        {
            if (!ReferenceEquals(_own, old))
            {
                return false;
            }

            _own = attachment;
            UpdateSelector();
            return true;
        }
    }

    /// <summary>Sets the selector of all heads of its subsystem.</summary>
    internal void SetSharedSelector(SelectorAttachment? attachment)
    {
        lock (_selectorLock)
        {
            _shared = attachment;
            UpdateSelector();
        }
    }

    /// <summary>Returns when nobody selects any more in a way that was changed before. Of a head that is gone too.</summary>
    internal void WaitForSelections() => WaitForReaders();

    /// <summary>Takes what selects here for a policy that was set, unless another one was set meanwhile.</summary>
    private void TakePolicy(PathSelector policy, PathSelector here)
    {
        lock (_selectorLock)
        {
            if (ReferenceEquals(Policy.Selector, policy))
            {
                PathSelector? old = _policyHere;
                _policyHere = here;
                UpdateSelector();
                old?.Retire();
            }
        }
    }

    [MemberNotNull(nameof(_selector))]
    private void UpdateSelector()
    {
        lock (_selectorLock)
        {
            _policyHere ??= Policy.Selector.For(this);
            Volatile.Write(ref _selector!, (_own ?? _shared)?.Over(_policyHere) ?? _policyHere);
        }
    }

    private void EndOwnSelector()
    {
        lock (_selectorLock)
        {
            _own?.OnHeadGone();
            _own = null;

            // Who still knows the head keeps no selector with it.
            _shared = null;
            UpdateSelector();
        }
    }
}

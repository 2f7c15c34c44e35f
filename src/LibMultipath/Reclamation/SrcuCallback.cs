namespace LibMultipath.Reclamation;

/// <summary>What <see cref="SrcuDomain.Call(Action{object?}, object?)"/> was given (the kernel's <c>struct rcu_head</c>).</summary>
internal readonly record struct SrcuCallback(Action<object?> Action, object? State)
{
    internal void Invoke() => Action(State);
}

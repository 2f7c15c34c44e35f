namespace LibMultipath.Hooks;

/// <summary>
/// What is called at a <see cref="HookPoint{TArgs}"/>, as a type: a struct that implements this is compiled into the call,
/// and costs no call of its own.
/// </summary>
/// <typeparam name="TArgs">The arguments of the point.</typeparam>
public interface IHookHandler<TArgs>
    where TArgs : allows ref struct
{
    /// <summary>Called at every pass of the point.</summary>
    /// <param name="args">The arguments; only valid during the call.</param>
    void Invoke(scoped in TArgs args);
}

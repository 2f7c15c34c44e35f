namespace LibMultipath.Hooks;

/// <summary>What is called at a <see cref="HookPoint{TArgs}"/>.</summary>
/// <typeparam name="TArgs">The arguments of the point.</typeparam>
/// <param name="args">The arguments; only valid during the call.</param>
public delegate void HookHandler<TArgs>(scoped in TArgs args)
    where TArgs : allows ref struct;

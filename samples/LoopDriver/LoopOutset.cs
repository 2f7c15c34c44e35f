namespace LoopDriver;

/// <summary>What is known of an attempt before the kernel gets it, and says what a failure of it means.</summary>
/// <param name="IsToldOnce">
/// Whether a failure is told once, and never again on any path: it may be of writes that were done before.
/// </param>
/// <param name="Errors">How many errors the target has told of until then; negative where nobody counts.</param>
internal readonly record struct LoopOutset(bool IsToldOnce, long Errors = -1);

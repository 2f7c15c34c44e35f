namespace Mpathd.Control;

/// <summary>Does what clients ask for.</summary>
internal interface IControlHandler
{
    /// <summary>Carries a request out.</summary>
    /// <param name="request">Of the version that is spoken here.</param>
    /// <returns>The answer. What is refused is an answer as well; an exception is a fault of the program's.</returns>
    Task<ControlAnswer> HandleAsync(ControlRequest request);
}

namespace Mpathd.Control;

/// <summary>Why a request was not carried out.</summary>
internal sealed record ControlError
{
    /// <summary>How the client ends: <see cref="Mpathd.ExitCode"/>.</summary>
    public required int ExitCode { get; init; }

    /// <summary>What is wrong.</summary>
    public required string Problem { get; init; }

    /// <summary>What can be done.</summary>
    public required string Remedy { get; init; }

    /// <summary>The same as what is thrown here.</summary>
    public MpathdException ToException() => (ExitCode)ExitCode switch
    {
        Mpathd.ExitCode.WrongArguments => MpathdException.WrongArguments(Problem, Remedy),
        Mpathd.ExitCode.SystemLacks => MpathdException.SystemLacks(Problem, Remedy),
        _ => MpathdException.Failed(Problem, Remedy),
    };
}

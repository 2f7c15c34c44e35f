namespace LibMultipath.Ublk.Parameters;

/// <summary>What is wrong with the options of a device, and what the kernel would ignore in silence: all of it, in words.</summary>
public sealed class UblkValidation
{
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    /// <summary>What has to change: each names the value and the fix.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>What works, but not as it was asked for; to be logged.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Whether there is no error.</summary>
    public bool IsValid => _errors.Count == 0;

    /// <summary>Throws when there is an error.</summary>
    /// <param name="what">What was validated, to begin the message with.</param>
    /// <exception cref="ArgumentException">There is an error; the message has them all.</exception>
    public void ThrowIfInvalid(string what)
    {
        if (!IsValid)
        {
            throw new ArgumentException($"{what}: {string.Join(' ', _errors)}");
        }
    }

    /// <summary>Errors that SET_PARAMS does not find: the kernel would not make the disk later, or it is not said what it would make of them.</summary>
    internal int LateErrors { get; private set; }

    internal bool Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            _errors.Add(otherwise);
        }

        return holds;
    }

    /// <summary>As <see cref="Require"/>, for what SET_PARAMS itself would take.</summary>
    internal void RequireLate(bool holds, string otherwise)
    {
        if (!Require(holds, otherwise))
        {
            LateErrors++;
        }
    }

    internal void Warn(bool when, string warning)
    {
        if (when)
        {
            _warnings.Add(warning);
        }
    }
}

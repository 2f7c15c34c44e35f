namespace SelectorPlugin;

/// <summary>Throws when it is looked at.</summary>
public sealed class EvilException : Exception
{
    public override string Message => throw new InvalidOperationException("it is not to be read");
}

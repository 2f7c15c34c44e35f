namespace Mpathd.Commands;

/// <summary>A command whose help ends with examples. Every verb has some.</summary>
internal interface IHasExamples
{
    /// <summary>What to type, each with what it does.</summary>
    IReadOnlyList<(string Line, string Does)> Examples { get; }
}

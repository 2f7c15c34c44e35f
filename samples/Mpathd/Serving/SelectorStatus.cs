namespace Mpathd.Serving;

/// <summary>The selector that is attached to the disk, or came off it. The names in JSON are only ever added to.</summary>
internal sealed record SelectorStatus
{
    /// <summary>As it was given, with its parameters.</summary>
    public required string Name { get; init; }

    /// <summary>The id that it is known by.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whether it selects; false when it came off because of its faults.</summary>
    public required bool Attached { get; init; }

    /// <summary>Choices that were followed.</summary>
    public required long Chosen { get; init; }

    /// <summary>Choices that the policy decided, because the selector threw.</summary>
    public required long Exceptions { get; init; }

    /// <summary>Because it gave no answer, or one that was not its current path.</summary>
    public required long BadAnswers { get; init; }

    /// <summary>Because its path could not be used.</summary>
    public required long Unusable { get; init; }

    /// <summary>Because it took too many steps or too much time.</summary>
    public required long OverBudget { get; init; }
}

namespace LibMultipath.Selection;

/// <summary>What a selector has done so far. Each number is right by itself; together they are of about one moment.</summary>
/// <param name="Chosen">Choices that were followed.</param>
/// <param name="Exceptions">Exceptions that it threw, feedback included.</param>
/// <param name="BadAnswers">Answers that were no id of the iterator's current path, or negative although a path was usable.</param>
/// <param name="Unusable">Paths that it chose and that could not be used.</param>
/// <param name="OverBudget">Choices that took more steps or more time than they may.</param>
public readonly record struct SelectorStatistics(long Chosen, long Exceptions, long BadAnswers, long Unusable, long OverBudget)
{
    /// <summary>All faults together. Other than exceptions of feedback, each is an I/O that the policy decided.</summary>
    public long Faults => Exceptions + BadAnswers + Unusable + OverBudget;
}

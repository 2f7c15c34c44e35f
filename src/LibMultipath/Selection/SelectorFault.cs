namespace LibMultipath.Selection;

/// <summary>What a selector did wrong. The numbers are the places of the counters.</summary>
internal enum SelectorFault
{
    /// <summary>It threw.</summary>
    Exception = 1,

    /// <summary>Its answer was not the id of the iterator's current path.</summary>
    BadAnswer = 2,

    /// <summary>The path that it chose could not be used.</summary>
    Unusable = 3,

    /// <summary>It took more steps or more time than it may.</summary>
    OverBudget = 4,
}

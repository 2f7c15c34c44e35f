namespace LibMultipath.Paths;

/// <summary>For a template whose transport does not allow every policy.</summary>
public interface IMpathPolicyFilter
{
    /// <summary>Whether heads of this template may select paths in this way.</summary>
    /// <param name="selector">The selector of the policy.</param>
    bool Allows(PathSelector selector);
}

namespace LibMultipath.Attributes;

/// <summary>A name that stands for another one of the same tree, as a symbolic link of sysfs does.</summary>
public sealed class MpathAttributeLink : MpathAttributeNode
{
    internal MpathAttributeLink(string name, string target)
        : base(name) => Target = target;

    /// <summary>The full name that it stands for.</summary>
    public string Target { get; }
}

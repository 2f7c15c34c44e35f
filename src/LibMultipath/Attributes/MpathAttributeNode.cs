namespace LibMultipath.Attributes;

/// <summary>A name in the tree of attributes: an attribute, a group of names, or a link to a name.</summary>
public abstract class MpathAttributeNode
{
    private protected MpathAttributeNode(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = IsName(name)
            ? name
            : throw new ArgumentException($"'{name}' cannot be the name of an attribute: it must not be empty, '.' or '..', nor have '/' or a control character in it.", nameof(name));
    }

    /// <summary>The name within its group.</summary>
    public string Name { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal static bool IsName(string text) => text is not ("" or "." or "..") && !text.Any(each => each == '/' || char.IsControl(each));

    /// <summary>What the kernel makes of a name that has a slash in it.</summary>
    internal static string Flatten(string name) => name.Replace('/', '!');
}

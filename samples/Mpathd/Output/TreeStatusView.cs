using Mpathd.Serving;

namespace Mpathd.Output;

/// <summary>The attributes, as <c>tree</c> shows a folder of sysfs, with the values beside the names.</summary>
internal sealed class TreeStatusView(TextWriter output) : IStatusView
{
    public void Show(ServiceStatus status)
    {
        output.WriteLine(status.Name ?? ".");
        Write(status.Attributes ?? [], "", "");
        output.Flush();
    }

    // What is in a group, whose name is the prefix of all of it.
    private void Write(IReadOnlyList<AttributeStatus> entries, string prefix, string indent)
    {
        IGrouping<string, AttributeStatus>[] children = [.. entries.GroupBy(entry => entry.Name[prefix.Length..].Split('/')[0])];
        foreach (IGrouping<string, AttributeStatus> child in children)
        {
            bool last = child == children[^1];
            string branch = indent + (last ? "└── " : "├── ");
            if (child.First() is { } entry && entry.Name == prefix + child.Key)
            {
                output.WriteLine(branch + Line(entry, child.Key));
            }
            else
            {
                output.WriteLine(branch + child.Key);
                Write([.. child], $"{prefix}{child.Key}/", indent + (last ? "    " : "│   "));
            }
        }
    }

    // A link as it would be in a file system: seen from where it is.
    private static string Line(AttributeStatus entry, string name) =>
        entry.Link is { } link ? $"{name} -> {string.Concat(Enumerable.Repeat("../", entry.Name.Count(each => each == '/')))}{link}"
        : entry.Error is { } error ? $"{name}: ({error})"
        : $"{name}: {entry.Value}".TrimEnd(' ');
}

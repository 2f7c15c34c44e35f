namespace Mpathd.Paths;

/// <summary>The options of a SPEC: <c>name</c> or <c>name=value</c>, in any order, each at most once.</summary>
internal sealed class SpecOptions
{
    private readonly string _text;
    private readonly Dictionary<string, string> _values = [];

    /// <summary>Reads them.</summary>
    /// <param name="text">The whole SPEC, for what is said of it.</param>
    /// <param name="parts">The options.</param>
    /// <param name="names">Those that there are: with <c>=</c> at the end if they have a value.</param>
    /// <param name="kind">Of path, with what to give instead of an option that there is not.</param>
    /// <exception cref="FormatException">One is not known, or there twice.</exception>
    public SpecOptions(string text, ReadOnlySpan<string> parts, string[] names, (string Name, string Give) kind)
    {
        _text = text;
        foreach (string part in parts)
        {
            string name = Array.Find(names, each => each.EndsWith('=') ? part.StartsWith(each, StringComparison.Ordinal) : part == each)
                ?? throw new FormatException($"'{text}': there is no option '{part}' of a {kind.Name} path; give {kind.Give}");
            if (!_values.TryAdd(name.TrimEnd('='), part[name.Length..]))
            {
                throw new FormatException($"'{text}' gives {name.TrimEnd('=')} twice; give it once");
            }
        }
    }

    /// <summary>Whether an option without a value is there.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The value of an option as it is; null when it is not there.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name);

    /// <summary>The value of an option, read by a function which takes the SPEC and the value; null when it is not there.</summary>
    public T? Of<T>(string name, Func<string, string, T> parse)
        where T : struct => _values.TryGetValue(name, out string? value) ? parse(_text, value) : null;
}

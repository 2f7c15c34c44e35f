using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace LibMultipath.Selection;

/// <summary>What was said of a selector's parameters, and the defaults of the others.</summary>
public sealed class SelectorParameters
{
    private readonly Dictionary<string, long> _values;

    private SelectorParameters(Dictionary<string, long> values) => _values = values;

    /// <summary>The value of a parameter.</summary>
    /// <param name="key">One of the definition's.</param>
    /// <exception cref="KeyNotFoundException">The definition has no such parameter.</exception>
    public long this[string key] => _values[key];

    /// <summary>Reads <c>key=value,key=value</c>. A number may end in K, M or G, for 1,024 of it and so on.</summary>
    /// <param name="definition">What there is.</param>
    /// <param name="text">Without the name; empty for the defaults.</param>
    /// <param name="parameters">What was said.</param>
    /// <param name="error">What is wrong, and what there is.</param>
    internal static bool TryParse(
        SelectorDefinition definition,
        string text,
        [NotNullWhen(true)] out SelectorParameters? parameters,
        [NotNullWhen(false)] out string? error)
    {
        parameters = null;
        error = null;
        var values = definition.Parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Default, StringComparer.Ordinal);
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (string pair in text.Length == 0 ? [] : text.Split(','))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? pair : pair[..equals];
            SelectorParameter? parameter = definition.Parameters.FirstOrDefault(each => each.Key == key);
            if (parameter is null)
            {
                error = definition.Parameters.Count == 0
                    ? $"{definition.Name} takes no parameters; leave out ':{text}'"
                    : $"{definition.Name} has no parameter '{key}'; give one of {string.Join(", ", definition.Parameters.Select(each => each.Key))}";
            }
            else if (!said.Add(key))
            {
                error = $"{definition.Name} was given {key} twice; give it once";
            }
            else if (equals < 0 || !TryParseNumber(pair[(equals + 1)..], out long value) || value < parameter.Least || value > parameter.Most || value % parameter.Multiple != 0)
            {
                string multiple = parameter.Multiple == 1 ? "" : $", a multiple of {parameter.Multiple}";
                error = $"'{pair}' is no parameter of {definition.Name}; give {key}=NUMBER, from {parameter.Least} to {parameter.Most}{multiple}: {parameter.Summary}";
            }
            else
            {
                values[key] = value;
            }

            if (error is not null)
            {
                return false;
            }
        }

        parameters = new SelectorParameters(values);
        return true;
    }

    private static bool TryParseNumber(string text, out long value)
    {
        int shift = text is [.., char unit] ? unit switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 } : 0;
        bool isNumber = long.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out value);
        isNumber &= value <= long.MaxValue >> shift;
        value <<= shift;
        return isNumber;
    }
}

namespace LibMultipath.Benchmarks.Quick;

/// <summary>The figures of many rounds.</summary>
internal sealed class Series
{
    private readonly List<double> _values = new(4096);
    private bool _sorted;

    public int Count => _values.Count;

    public double Median => Quantile(0.5);

    public double LowerQuartile => Quantile(0.25);

    public double UpperQuartile => Quantile(0.75);

    public void Add(double value)
    {
        _sorted = false;
        _values.Add(value);
    }

    private double Quantile(double fraction)
    {
        if (!_sorted)
        {
            _values.Sort();
            _sorted = true;
        }

        double place = fraction * (_values.Count - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, _values.Count - 1);
        return _values[below] + ((place - below) * (_values[above] - _values[below]));
    }
}

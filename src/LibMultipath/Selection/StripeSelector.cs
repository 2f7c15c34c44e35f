namespace LibMultipath.Selection;

/// <summary>
/// <c>stripe</c>: the disk is cut into stripes, and each path has every so many-th of them (the mapping of dm-stripe). An I/O
/// goes where its first sector is. When a path goes or comes, the stripes are dealt out anew.
/// </summary>
internal sealed class StripeSelector(long stripeSectors) : IMpathSelector
{
    public const string SelectorName = "stripe";

    private const string Size = "size";

    public static SelectorDefinition Definition { get; } = new(
        SelectorName,
        "the path whose stripe the first sector is in",
        [new SelectorParameter(Size, "the size of a stripe in bytes, a multiple of 512", 64 << 10, 512, 1L << 40, Multiple: 512)],
        static values => new StripeSelector(values[Size] / 512));

    public string Name => SelectorName;

    public int SelectPath(ref PathIterator paths, in SelectContext context)
    {
        var candidates = Candidates.Among(ref paths);
        return candidates.Count > 0 && candidates.TryMoveTo(ref paths, context.Sector / stripeSectors % candidates.Count)
            ? paths.Current.ControllerId
            : -1;
    }
}

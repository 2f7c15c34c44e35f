namespace LibMultipath.Ublk.Abi;

/// <summary>The bits of <see cref="ublk_params.types"/>, and the smallest segment.</summary>
internal static class UblkParamType
{
    public const uint UBLK_PARAM_TYPE_BASIC = 1 << 0;
    public const uint UBLK_PARAM_TYPE_DISCARD = 1 << 1;
    public const uint UBLK_PARAM_TYPE_DEVT = 1 << 2;
    public const uint UBLK_PARAM_TYPE_ZONED = 1 << 3;
    public const uint UBLK_PARAM_TYPE_DMA_ALIGN = 1 << 4;
    public const uint UBLK_PARAM_TYPE_SEGMENT = 1 << 5;
    public const uint UBLK_PARAM_TYPE_INTEGRITY = 1 << 6;

    public const int UBLK_MIN_SEGMENT_SIZE = 4096;

    private static readonly string[] s_names = ["BASIC", "DISCARD", "DEVT", "ZONED", "DMA_ALIGN", "SEGMENT", "INTEGRITY"];

    /// <summary>The types by name, separated by commas.</summary>
    public static string Names(uint types) => string.Join(", ", s_names.Where((_, bit) => (types & (1u << bit)) != 0));
}

namespace LibMultipath.Ublk.Tests.Abi;

/// <summary>A test that compiles C with the kernel's headers.</summary>
internal sealed class HeadersFactAttribute : FactAttribute
{
    public HeadersFactAttribute() => Skip = KernelHeaders.Folder is null ? KernelHeaders.WhyNot : null;
}

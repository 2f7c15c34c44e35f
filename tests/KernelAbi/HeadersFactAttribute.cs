using Xunit;

namespace KernelAbi;

/// <summary>A test that compiles C with the kernel's headers; skipped, with the reason, where there are none.</summary>
public sealed class HeadersFactAttribute : FactAttribute
{
    public HeadersFactAttribute() => Skip = KernelHeaders.Folder is null ? KernelHeaders.WhyNot : null;
}

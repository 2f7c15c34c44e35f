namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>A test that runs these programs; skipped, with the packages to install, where they are missing.</summary>
internal sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] programs) => Skip = ToolBox.WhyNot([.. programs, "setpriv"]);
}

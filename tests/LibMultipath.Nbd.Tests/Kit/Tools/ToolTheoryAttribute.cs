namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>As <see cref="ToolFactAttribute"/>, for a theory.</summary>
internal sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] programs) => Skip = ToolBox.WhyNot([.. programs, "setpriv"]);
}

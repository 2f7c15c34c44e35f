namespace LibMultipath.Tests.Diagnostics;

/// <summary>Listeners hear the whole process: tests that listen, and tests that need nobody to, take turns.</summary>
[CollectionDefinition(Name)]
public sealed class DiagnosticsGroup
{
    public const string Name = "diagnostics";
}

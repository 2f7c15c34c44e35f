namespace Mpathd.Demo;

/// <summary>What the paths of the demonstration are.</summary>
internal enum DemoDriver
{
    /// <summary>Descriptors of the file in this process, which are closed and opened again.</summary>
    Loop,

    /// <summary>Connections to processes that export the file over NBD, which are killed and started again.</summary>
    Nbd,
}

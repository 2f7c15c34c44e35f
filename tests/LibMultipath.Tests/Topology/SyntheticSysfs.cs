namespace LibMultipath.Tests.Topology;

/// <summary>A directory that looks like the node part of sysfs, for as long as a test needs it.</summary>
internal sealed class SyntheticSysfs : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("libmultipath-sysfs-");

    public string Root => _root.FullName;

    public SyntheticSysfs With(string file, string text)
    {
        string path = Path.Combine(Root, "devices", "system", "node", file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    public SyntheticSysfs WithNode(int node, string distance, string cpulist) =>
        With($"node{node}/distance", distance).With($"node{node}/cpulist", cpulist);

    public void Dispose() => _root.Delete(recursive: true);
}

namespace Mpathd.Tests.Processes;

/// <summary>A folder of a test's own, gone with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mpathd-tests-");

    public string Path => _folder.FullName;

    public string[] Files => Directory.GetFileSystemEntries(Path);

    public string File(string name, int bytes = -1)
    {
        string path = System.IO.Path.Combine(Path, name);
        if (bytes >= 0)
        {
            System.IO.File.WriteAllBytes(path, new byte[bytes]);
        }

        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

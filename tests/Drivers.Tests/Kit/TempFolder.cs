namespace Drivers.Tests.Kit;

/// <summary>A folder for the files of a test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("drivers-").FullName;

    public string NameOf(string name) => Path.Combine(Root, name);

    /// <summary>Makes a file of so many bytes, all of one value.</summary>
    public string Make(string name, int size, byte fill = 0)
    {
        byte[] content = new byte[size];
        content.AsSpan().Fill(fill);
        File.WriteAllBytes(NameOf(name), content);
        return NameOf(name);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}

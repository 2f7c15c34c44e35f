namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>A folder with a short name (a socket's may have 107 characters), gone with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Name { get; } = Directory.CreateTempSubdirectory("nbd-").FullName;

    public string this[string file] => Path.Combine(Name, file);

    /// <summary>Makes a file of so many bytes, with what the random numbers give or with nothing.</summary>
    public string File(string name, long bytes, Random? contents = null)
    {
        string file = this[name];
        using FileStream stream = System.IO.File.Create(file);
        stream.SetLength(bytes);
        byte[] buffer = new byte[1 << 16];
        for (long left = contents is null ? 0 : bytes; left > 0; left -= buffer.Length)
        {
            contents!.NextBytes(buffer);
            stream.Write(buffer.AsSpan(0, (int)Math.Min(buffer.Length, left)));
        }

        return file;
    }

    public void Dispose() => Directory.Delete(Name, recursive: true);
}

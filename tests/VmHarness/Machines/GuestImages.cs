namespace VmHarness.Machines;

/// <summary>A test assembly's folder compiled ahead of time, once for all guests.</summary>
internal sealed class GuestImages : IDisposable
{
    private readonly TemporaryFolder _folder = new("vm-images-");
    private readonly Lazy<Task> _compiled;

    public GuestImages(string assembly)
    {
        string programs = Path.GetDirectoryName(Plan.PathOf(assembly))!;
        _compiled = new Lazy<Task>(() => VmCommand.PrecompileAsync(programs, _folder.Path));
    }

    /// <summary>The folder of the images, when they are all there.</summary>
    public async Task<string> FolderAsync()
    {
        await _compiled.Value;
        return _folder.Path;
    }

    public void Dispose() => _folder.Dispose();
}

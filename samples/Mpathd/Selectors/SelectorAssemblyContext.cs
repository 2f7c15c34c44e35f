using System.Reflection;
using System.Runtime.Loader;

namespace Mpathd.Selectors;

/// <summary>
/// Where an assembly with selectors lives, apart from the daemon: it shares the library with it and what the system brings
/// along, and has everything else for itself, from the folder that it lies in. It can be unloaded.
/// </summary>
/// <remarks>Everything is read into memory, so the files can be replaced while they are in use.</remarks>
internal sealed class SelectorAssemblyContext : AssemblyLoadContext
{
    // What the library's own members speak of; the one of the daemon is the one of the selectors.
    private static readonly Assembly[] s_shared = [typeof(LibMultipath.Selection.IMpathSelector).Assembly, typeof(Microsoft.Extensions.Logging.ILogger).Assembly];

    private readonly AssemblyDependencyResolver _resolver;
    private readonly string _file;

    /// <param name="file">The full name of the assembly's file.</param>
    public SelectorAssemblyContext(string file)
        : base(Path.GetFileNameWithoutExtension(file), isCollectible: true)
    {
        _file = file;
        _resolver = new AssemblyDependencyResolver(file);
    }

    /// <summary>Loads the assembly, and everything that it was built against: what is missing is told now, not by an I/O.</summary>
    public Assembly LoadAll()
    {
        Assembly assembly = LoadFile(_file);
        foreach (AssemblyName needed in assembly.GetReferencedAssemblies())
        {
            LoadFromAssemblyName(needed);
        }

        return assembly;
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Array.Find(s_shared, each => each.GetName().Name == assemblyName.Name) is { } shared)
        {
            return assemblyName.Version <= shared.GetName().Version
                ? shared
                : throw new FileLoadException($"it was built against {assemblyName.Name} {assemblyName.Version}, and the daemon has {shared.GetName().Version}");
        }

        if (_resolver.ResolveAssemblyToPath(assemblyName) is { } file)
        {
            return LoadFile(file);
        }

        // Else the daemon's own would be taken, which is another one after the next update.
        return File.Exists(Path.Combine(AppContext.BaseDirectory, $"{assemblyName.Name}.dll"))
            ? throw new FileNotFoundException($"it needs {assemblyName.Name} {assemblyName.Version}, which is not beside it")
            : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } file ? LoadUnmanagedDllFromPath(file) : 0;

    private Assembly LoadFile(string file)
    {
        using var assembly = new MemoryStream(File.ReadAllBytes(file));
        string symbols = Path.ChangeExtension(file, ".pdb");
        using MemoryStream? lines = File.Exists(symbols) ? new MemoryStream(File.ReadAllBytes(symbols)) : null;
        return LoadFromStream(assembly, lines);
    }
}

namespace Mpathd.Selectors;

/// <summary>The assemblies with selectors that are loaded.</summary>
/// <remarks>One thread changes it; any may look.</remarks>
internal sealed class SelectorLibrary : IDisposable
{
    // What is collected, and finalizers run, in between.
    private const int Looks = 5;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private SelectorAssembly[] _assemblies = [];

    /// <summary>The full names of the files.</summary>
    public IReadOnlyList<SelectorAssembly> Assemblies => Volatile.Read(ref _assemblies);

    /// <summary>Loads an assembly: its selectors can be named from now on.</summary>
    /// <param name="file">The full name of its file.</param>
    /// <exception cref="MpathdException">It is loaded already, is none, or cannot be used. Nothing has changed.</exception>
    public SelectorAssembly Load(string file)
    {
        if (_assemblies.Any(each => each.File == file))
        {
            throw MpathdException.Failed($"{file} is loaded already", $"unload it first: mpathd selector unload {file}");
        }

        var loaded = SelectorAssembly.Load(file);
        Volatile.Write(ref _assemblies, [.. _assemblies, loaded]);
        return loaded;
    }

    /// <summary>Unloads one whose selectors nobody uses, and waits a moment for its memory to be given back.</summary>
    /// <param name="file">The full name of its file.</param>
    /// <param name="inUse">The names of the selectors that are in use.</param>
    /// <returns>Whether nothing is left of it.</returns>
    /// <exception cref="MpathdException">It is not loaded, or in use. Nothing has changed.</exception>
    public bool Unload(string file, IEnumerable<string> inUse)
    {
        SelectorAssembly assembly = Find(file);
        if (inUse.FirstOrDefault(assembly.Selectors.Contains) is { } used)
        {
            throw MpathdException.Failed($"the disk selects by {used}, of {file}", "first mpathd selector detach, or mpathd policy with another one");
        }

        Volatile.Write(ref _assemblies, [.. _assemblies.Where(each => each != assembly)]);
        return IsGone(assembly.Unload());
    }

    /// <summary>The file that a selector is from; null if it is not from any of these.</summary>
    /// <param name="selector">Its name.</param>
    public string? FileOf(string selector) => Array.Find(_assemblies, each => each.Selectors.Contains(selector))?.File;

    /// <summary>Makes all of them unknown.</summary>
    public void Dispose()
    {
        foreach (SelectorAssembly assembly in _assemblies)
        {
            _ = assembly.Unload();
        }
    }

    private SelectorAssembly Find(string file) => Array.Find(_assemblies, each => each.File == file)
        ?? throw MpathdException.WrongArguments(
            $"{file} is not loaded", _assemblies.Length == 0 ? "none is" : $"give one of {string.Join(", ", _assemblies.Select(each => each.File))}");

    // It is let go of when the collector has seen that nobody refers to it; I/O under way may for a moment.
    private static bool IsGone(WeakReference context)
    {
        for (int look = 0; look < Looks && context.IsAlive; look++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(s_pause);
        }

        return !context.IsAlive;
    }
}

using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using LibMultipath.Selection;

namespace Mpathd.Selectors;

/// <summary>
/// An assembly whose selectors can be named as policies while it is loaded: its public static properties of the type
/// <see cref="SelectorDefinition"/>, and its public classes that are an <see cref="IMpathSelector"/>, can be made without
/// arguments and have no such property.
/// </summary>
internal sealed class SelectorAssembly
{
    private readonly List<IDisposable> _registrations = [];
    private SelectorAssemblyContext? _context;

    private SelectorAssembly(string file, SelectorAssemblyContext context)
    {
        File = file;
        _context = context;
    }

    /// <summary>The full name of its file.</summary>
    public string File { get; }

    /// <summary>The names of its selectors.</summary>
    public IReadOnlyList<string> Selectors { get; private set; } = [];

    /// <summary>Loads an assembly.</summary>
    /// <param name="file">The full name of its file.</param>
    /// <exception cref="MpathdException">It is none, or one that cannot be used. Nothing has changed.</exception>
    public static SelectorAssembly Load(string file)
    {
        if (!System.IO.File.Exists(file))
        {
            throw MpathdException.SystemLacks($"there is no file {file}", "give the .dll that dotnet build has made");
        }

        SelectorAssembly? assembly = null;
        try
        {
            assembly = new SelectorAssembly(file, new SelectorAssemblyContext(file));
            assembly.Register(DefinitionsIn(assembly._context!.LoadAll(), file));
            return assembly;
        }
        catch (Exception exception)
        {
            _ = assembly?.Unload();
            throw exception is MpathdException ? exception : CannotBeUsed(file, exception);
        }
    }

    /// <summary>Makes its selectors unknown. It is gone when nothing of it is in use any more.</summary>
    /// <returns>Tells whether it still is there.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public WeakReference Unload()
    {
        _registrations.ForEach(each => each.Dispose());
        _registrations.Clear();
        var context = new WeakReference(_context);
        _context?.Unload();
        _context = null;
        return context;
    }

    private static List<SelectorDefinition> DefinitionsIn(Assembly assembly, string file)
    {
        List<SelectorDefinition> found = [];
        foreach (Type type in assembly.GetExportedTypes())
        {
            SelectorDefinition[] own = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(property => property.PropertyType == typeof(SelectorDefinition))
                .Select(property => (SelectorDefinition?)property.GetValue(null) ?? throw new InvalidOperationException($"{type.Name}.{property.Name} is null"))];
            found.AddRange(own);
            if (own.Length == 0 && type.IsAssignableTo(typeof(IMpathSelector)) && type is { IsAbstract: false, ContainsGenericParameters: false } && type.GetConstructor(Type.EmptyTypes) is not null)
            {
                found.Add(DefinitionOf(type, file));
            }
        }

        return found.Count > 0 ? found : throw MpathdException.WrongArguments(
            $"there is no selector in {file}", $"give an assembly with a public class that is an {nameof(IMpathSelector)} and can be made without arguments, or with a public static {nameof(SelectorDefinition)}");
    }

    private static SelectorDefinition DefinitionOf(Type type, string file)
    {
        IMpathSelector Make() => (IMpathSelector)Activator.CreateInstance(type)!;
        return new SelectorDefinition(
            Make().Name, type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? $"{type.FullName} of {Path.GetFileName(file)}", [], _ => Make());
    }

    private void Register(List<SelectorDefinition> definitions)
    {
        foreach (SelectorDefinition definition in definitions)
        {
            _registrations.Add(IoPolicies.Register(definition));
        }

        Selectors = [.. definitions.Select(definition => definition.Name)];
    }

    // It is other people's code: whatever it throws when it is looked at, the daemon goes on.
    private static MpathdException CannotBeUsed(string file, Exception exception)
    {
        Exception cause = exception is TargetInvocationException or FileLoadException or FileNotFoundException && exception.InnerException is { } inner ? inner : exception;
        string why = cause is BadImageFormatException ? "it is no .NET assembly" : ForeignException.MessageOf(cause);
        return MpathdException.SystemLacks($"{file} cannot be used: {why}", "build it anew, with what it needs beside it", exception);
    }
}

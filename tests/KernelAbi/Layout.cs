using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KernelAbi;

/// <summary>
/// Where the fields of one of our structs are: measured, not declared. Fields whose names begin with an underscore are
/// padding and left out.
/// </summary>
public sealed class Layout
{
    private Layout(string name, int size, IEnumerable<(string Name, int Offset, int Size)> fields)
    {
        Name = name;
        Size = size;
        Fields = [.. fields.OrderBy(field => field.Offset).ThenBy(field => field.Name, StringComparer.Ordinal)];
    }

    public string Name { get; }

    /// <summary>In bytes, as the offsets and sizes of the fields.</summary>
    public int Size { get; }

    /// <summary>In the order of their places.</summary>
    public IReadOnlyList<(string Name, int Offset, int Size)> Fields { get; }

    public static Layout Of(Type type) => (Layout)Call(nameof(Measure), type);

    /// <summary>Such as <c>io_uring_buf 16: addr 0+8 len 8+4 bid 12+2 resv 14+2</c>.</summary>
    public override string ToString() =>
        $"{Name} {Size}:{string.Concat(Fields.Select(field => $" {field.Name} {field.Offset}+{field.Size}"))}";

    private static Layout Measure<T>()
        where T : unmanaged =>
        new(typeof(T).Name, Unsafe.SizeOf<T>(),
            typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(field => !field.Name.StartsWith('_'))
                .Select(Place<T>));

    // The bytes that change when the field is all ones are the field.
    private static (string Name, int Offset, int Size) Place<T>(FieldInfo field)
        where T : unmanaged
    {
        object box = default(T);
        field.SetValue(box, Call(nameof(Ones), field.FieldType));
        var value = (T)box;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        int offset = bytes.IndexOf((byte)0xff);
        return (field.Name, offset, bytes.LastIndexOf((byte)0xff) + 1 - offset);
    }

    private static object Ones<T>()
        where T : unmanaged
    {
        T value = default;
        MemoryMarshal.AsBytes(new Span<T>(ref value)).Fill(0xff);
        return value;
    }

    private static object Call(string method, Type type) =>
        typeof(Layout).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type).Invoke(null, null)!;
}

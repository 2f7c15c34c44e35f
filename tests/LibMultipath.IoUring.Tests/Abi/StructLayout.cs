using System.Reflection;
using System.Runtime.InteropServices;
using LibMultipath.IoUring.Abi;

namespace LibMultipath.IoUring.Tests.Abi;

/// <summary>Where the fields of our structs are, as text.</summary>
internal static class StructLayout
{
    public static readonly Type[] All =
    [
        typeof(io_uring_sqe), typeof(io_uring_cqe), typeof(io_uring_params), typeof(io_sqring_offsets), typeof(io_cqring_offsets),
        typeof(io_uring_rsrc_register), typeof(io_uring_rsrc_update2), typeof(io_uring_buf), typeof(io_uring_buf_reg),
        typeof(io_uring_getevents_arg), typeof(io_uring_probe), typeof(io_uring_probe_op), typeof(__kernel_timespec),
    ];

    /// <summary>The fields with the names that they have in the header, in the order of their places.</summary>
    public static IEnumerable<(string Name, FieldInfo Field)> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public)
            .Select(field => (Name: InHeader(type, field.Name), field))
            .Where(pair => pair.Name is not null)
            .Select(pair => (pair.Name!, pair.field))
            .OrderBy(pair => Offset(pair.field)).ThenBy(pair => pair.Item1, StringComparer.Ordinal);

    /// <summary>Such as <c>io_uring_buf 16: addr 0+8 len 8+4 bid 12+2 resv 14+2</c>.</summary>
    public static string Of(Type type) =>
        $"{type.Name} {Marshal.SizeOf(type)}:{string.Concat(Fields(type).Select(pair => $" {pair.Name} {Offset(pair.Field)}+{Size(pair.Field.FieldType)}"))}";

    private static int Offset(FieldInfo field) => (int)Marshal.OffsetOf(field.DeclaringType!, field.Name);

    private static int Size(Type type) => Marshal.SizeOf(type.IsEnum ? Enum.GetUnderlyingType(type) : type);

    // Null for parts of an array.
    private static string? InHeader(Type type, string name) => (type.Name, name) switch
    {
        (nameof(io_uring_sqe), "op_flags") => "rw_flags",
        (nameof(io_uring_params), "resv0" or "resv1" or "resv2") => null,
        (nameof(io_uring_probe), "resv2_0" or "resv2_1" or "resv2_2") => null,
        _ => name,
    };
}

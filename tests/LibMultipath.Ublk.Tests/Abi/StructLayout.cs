using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Tests.Abi;

/// <summary>A struct in one line: its name, its size, and of every field its name, offset and size. Measured, not declared.</summary>
internal static class StructLayout
{
    public static readonly Type[] All =
    [
        typeof(ublksrv_ctrl_cmd), typeof(ublksrv_ctrl_dev_info), typeof(ublksrv_io_desc), typeof(ublksrv_io_cmd),
        typeof(ublk_elem_header), typeof(ublk_batch_io), typeof(ublk_auto_buf_reg), typeof(ublk_shmem_buf_reg),
        typeof(ublk_param_basic), typeof(ublk_param_discard), typeof(ublk_param_devt), typeof(ublk_param_zoned),
        typeof(ublk_param_dma_align), typeof(ublk_param_segment), typeof(ublk_param_integrity), typeof(ublk_params),
        typeof(blk_zone), typeof(blk_zone_report), typeof(blk_zone_range),
    ];

    public static string Of(Type type) => (string)Call(nameof(OfStruct), type)!;

    public static IEnumerable<FieldInfo> Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(field => !field.Name.StartsWith('_'))
            .OrderBy(field => field.MetadataToken);

    private static string OfStruct<T>()
        where T : unmanaged =>
        $"{typeof(T).Name} {Unsafe.SizeOf<T>()}:{string.Concat(Fields(typeof(T)).Select(Place<T>))}";

    // The bytes that change when the field is all ones are the field.
    private static string Place<T>(FieldInfo field)
        where T : unmanaged
    {
        object box = default(T);
        field.SetValue(box, Call(nameof(Ones), field.FieldType));
        var value = (T)box;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        int offset = bytes.IndexOf((byte)0xff);
        int size = bytes.LastIndexOf((byte)0xff) + 1 - offset;
        return $" {field.Name} {offset}+{size}";
    }

    private static object Ones<T>()
        where T : unmanaged
    {
        T value = default;
        MemoryMarshal.AsBytes(new Span<T>(ref value)).Fill(0xff);
        return value;
    }

    private static object? Call(string method, Type type) =>
        typeof(StructLayout).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(type).Invoke(null, null);
}

using System.Text;
using LibMultipath.Ublk.Tests.Abi;

namespace LibMultipath.IoUring.Tests.Abi;

/// <summary>What a C compiler makes of the kernel's own header is what we have.</summary>
public sealed class HeaderTests
{
    private const string Includes = """
        #include <stddef.h>
        #include <stdio.h>
        #include <linux/time_types.h>
        #include <linux/io_uring.h>
        """;

    [HeadersFact]
    public void The_header_has_the_same_layouts()
    {
        var source = new StringBuilder(Includes).Append("\nint main(void) {\n");
        foreach (Type type in StructLayout.All)
        {
            source.Append($"  printf(\"{type.Name} %zu:\", sizeof(struct {type.Name}));\n");
            foreach (string field in StructLayout.Fields(type).Select(pair => pair.Name))
            {
                source.Append($"  printf(\" {field} %zu+%zu\", offsetof(struct {type.Name}, {field}), sizeof(((struct {type.Name} *)0)->{field}));\n");
            }

            source.Append("  puts(\"\");\n");
        }

        source.Append("  return 0;\n}\n");
        Assert.Equal(StructLayout.All.Select(StructLayout.Of), KernelHeaders.CompileAndRun(source.ToString()));
    }

    [HeadersFact]
    public void The_header_has_the_same_constants()
    {
        var source = new StringBuilder(Includes).Append("\nint main(void) {\n");
        foreach ((string name, _) in HeaderConstants.All)
        {
            source.Append($"  printf(\"{name} %x\\n\", (unsigned)({name}));\n");
        }

        source.Append("  return 0;\n}\n");
        Assert.Equal(HeaderConstants.All.Select(constant => $"{constant.Name} {constant.Value:x}"), KernelHeaders.CompileAndRun(source.ToString()));
    }

    [HeadersFact]
    public void A_command_of_a_driver_is_where_the_header_has_it()
    {
        string[] printed = KernelHeaders.CompileAndRun($"{Includes}\nint main(void) {{ printf(\"%zu\\n\", offsetof(struct io_uring_sqe, cmd)); return 0; }}\n");
        Assert.Equal(CommandOffset(), int.Parse(Assert.Single(printed), System.Globalization.CultureInfo.InvariantCulture));
    }

    private static unsafe int CommandOffset()
    {
        IoUring.Abi.io_uring_sqe sqe = default;
        return (int)((byte*)sqe.Command - (byte*)&sqe);
    }
}

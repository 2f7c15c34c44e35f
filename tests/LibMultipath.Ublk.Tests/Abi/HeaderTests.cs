using System.Text;
using System.Text.RegularExpressions;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Tests.Abi;

/// <summary>What a C compiler makes of the kernel's own headers is what we have.</summary>
public partial class HeaderTests
{
    private const string Includes = """
        #include <stddef.h>
        #include <stdio.h>
        #include <errno.h>
        #include <sys/ioctl.h>
        #include <linux/ublk_cmd.h>
        #include <linux/blkzoned.h>
        """;

    [HeadersFact]
    public void The_header_has_the_same_layouts()
    {
        var source = new StringBuilder(Includes).Append("\nint main(void) {\n");
        foreach (Type type in StructLayout.All)
        {
            source.Append($"  printf(\"{type.Name} %zu:\", sizeof(struct {type.Name}));\n");
            foreach (string field in StructLayout.Fields(type).Select(field => field.Name))
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
            source.Append($"  printf(\"{name} %llx\\n\", (unsigned long long)({name}));\n");
        }

        source.Append("  return 0;\n}\n");
        Assert.Equal(HeaderConstants.All.Select(constant => $"{constant.Name} {constant.Value:x}"), KernelHeaders.CompileAndRun(source.ToString()));
    }

    [HeadersFact]
    public void Nothing_of_the_header_is_missing_here()
    {
        string header = File.ReadAllText(Path.Combine(KernelHeaders.Folder!, "linux/ublk_cmd.h"));
        string[] ours = [.. HeaderConstants.All.Select(constant => constant.Name)];
        string[] left = [.. Defined().Matches(header).Select(match => match.Groups[1].Value)
            .Where(name => !name.StartsWith("UBLK_CMD_", StringComparison.Ordinal)) // the commands before Linux 6.4
            .Except(["UBLK_IO_FETCH_REQ", "UBLK_IO_COMMIT_AND_FETCH_REQ", "UBLK_IO_NEED_GET_DATA"])
            .Except(ours)];
        Assert.Empty(left);
    }

    [HeadersFact]
    public void U10_every_feature_of_the_header_has_its_name()
    {
        string header = File.ReadAllText(Path.Combine(KernelHeaders.Folder!, "linux/ublk_cmd.h"));
        IEnumerable<string> features = Defined().Matches(header).Select(match => match.Groups[1].Value)
            .Where(name => name.StartsWith("UBLK_F_", StringComparison.Ordinal));
        Assert.Equal(features.Select(name => name["UBLK_F_".Length..]).Order(), UblkFeatureNames.Known.Names().Order());
    }

    [GeneratedRegex(@"^#\s*define\s+((?:UBLK|UBLKSRV)_\w+)\s+\S", RegexOptions.Multiline)]
    private static partial Regex Defined();
}

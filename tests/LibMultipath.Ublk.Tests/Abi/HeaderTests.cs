using System.Text.RegularExpressions;
using KernelAbi;
using LibMultipath.Ublk.Abi;

namespace LibMultipath.Ublk.Tests.Abi;

/// <summary>What a C compiler makes of the kernel's own headers is what we have.</summary>
public partial class HeaderTests
{
    private static readonly Header s_headers = new("""
        #include <errno.h>
        #include <sys/ioctl.h>
        #include <linux/ublk_cmd.h>
        #include <linux/blkzoned.h>
        """);

    [HeadersFact]
    public void The_header_has_the_same_layouts() =>
        Assert.Equal(Structs.Layouts.Select(layout => layout.ToString()), s_headers.Layouts(Structs.Layouts));

    [HeadersFact]
    public void The_header_has_the_same_constants() =>
        Assert.Equal(HeaderConstants.All, s_headers.Constants(HeaderConstants.All.Select(constant => constant.Name)));

    [HeadersFact]
    public void Nothing_of_the_header_is_missing_here()
    {
        string[] left = [.. Defined()
            .Where(name => !name.StartsWith("UBLK_CMD_", StringComparison.Ordinal)) // the commands before Linux 6.4
            .Except(["UBLK_IO_FETCH_REQ", "UBLK_IO_COMMIT_AND_FETCH_REQ", "UBLK_IO_NEED_GET_DATA"])
            .Except(HeaderConstants.All.Select(constant => constant.Name))];
        Assert.Empty(left);
    }

    [HeadersFact]
    public void U10_every_feature_of_the_header_has_its_name()
    {
        IEnumerable<string> features = Defined().Where(name => name.StartsWith("UBLK_F_", StringComparison.Ordinal));
        Assert.Equal(features.Select(name => name["UBLK_F_".Length..]).Order(), UblkFeatureNames.Known.Names().Order());
    }

    private static IEnumerable<string> Defined() =>
        Definition().Matches(KernelHeaders.Read("linux/ublk_cmd.h")).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^#\s*define\s+((?:UBLK|UBLKSRV)_\w+)\s+\S", RegexOptions.Multiline)]
    private static partial Regex Definition();
}

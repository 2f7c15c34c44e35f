using System.Text.RegularExpressions;

namespace LibMultipath.Tests.Project;

/// <summary>The folders of a library may only use those below them; docs/architecture.md has the table.</summary>
public sealed partial class RoomTests
{
    private static readonly string[] s_rings = ["IoUring", "IoUring.Abi", "IoUring.Loops"];

    // By namespace, without the LibMultipath that all of them begin with.
    private static readonly Dictionary<string, string[]> s_mayUse = new()
    {
        ["Block"] = [],
        ["Reclamation"] = [],
        ["Topology"] = [],
        ["Hooks"] = [],
        ["Work"] = [],
        ["Paths"] = ["Block", "Reclamation", "Topology", "Hooks", "Work"],
        ["Selection"] = ["Block", "Reclamation", "Topology", "Hooks", "Work", "Paths"],
        ["Zones"] = ["Block", "Paths"],
        ["Disk.Partitions"] = [],
        ["Disk"] = ["Block", "Reclamation", "Topology", "Hooks", "Work", "Paths", "Selection", "Zones", "Disk.Partitions"],
        ["Reservations"] = ["Block", "Work", "Paths"],
        ["Passthrough"] = ["Block", "Paths", "Disk", "Reservations"],
        ["Attributes"] = ["Block", "Topology", "Hooks", "Paths", "Selection", "Disk"],
        ["Diagnostics"] = ["Block", "Reclamation", "Topology", "Hooks", "Work", "Paths", "Selection", "Disk", "Disk.Partitions"],

        ["IoUring.Abi"] = [],
        ["IoUring.Interop"] = ["Block", "IoUring.Abi"],
        ["IoUring"] = ["Block", "IoUring.Abi", "IoUring.Interop"],
        ["IoUring.Loops"] = ["Block", "IoUring", "IoUring.Abi", "IoUring.Interop"],

        ["RingBuffer.Interop"] = ["Block"],
        ["RingBuffer"] = ["Block", "RingBuffer.Interop"],

        ["Nbd"] = ["Block"],
        ["Nbd.Protocol"] = ["Block"],
        ["Nbd.Interop"] = ["Block"],
        ["Nbd.Connections"] = ["Block", "Nbd", "Nbd.Protocol", "Nbd.Interop"],
        ["Nbd.Client"] = ["Block", "Topology", "Work", "Paths", "Attributes", "Nbd", "Nbd.Protocol", "Nbd.Interop", "Nbd.Connections"],
        ["Nbd.Server"] = ["Block", "Work", "Paths", "Disk", "Nbd", "Nbd.Protocol", "Nbd.Interop", "Nbd.Connections"],

        ["Ublk.Abi"] = [],
        ["Ublk.Interop"] = ["Block"],
        ["Ublk.Parameters"] = ["Ublk.Abi"],
        ["Ublk.Control"] = ["Block", .. s_rings, "Ublk.Abi", "Ublk.Interop", "Ublk.Parameters"],
        ["Ublk.Devices"] = ["Block", .. s_rings, "Ublk.Abi", "Ublk.Interop", "Ublk.Parameters", "Ublk.Control"],
        ["Ublk.Queues"] = ["Block", .. s_rings, "Ublk.Abi", "Ublk.Interop", "Ublk.Parameters", "Ublk.Control", "Ublk.Devices"],
        ["Ublk.Runner"] = ["Block", .. s_rings, "Ublk.Abi", "Ublk.Interop", "Ublk.Parameters", "Ublk.Control", "Ublk.Devices", "Ublk.Queues"],
        ["Ublk.Host"] =
        [
            "Block", "Disk", "Paths", "Work", "Zones", .. s_rings,
            "Ublk.Abi", "Ublk.Interop", "Ublk.Parameters", "Ublk.Control", "Ublk.Devices", "Ublk.Queues", "Ublk.Runner",
        ],
    };

    [Theory]
    [InlineData("LibMultipath", 50)]
    [InlineData("LibMultipath.IoUring", 30)]
    [InlineData("LibMultipath.Nbd", 40)]
    [InlineData("LibMultipath.RingBuffer", 25)]
    [InlineData("LibMultipath.Ublk", 70)]
    public void Rooms_use_only_the_rooms_below_them(string package, int least)
    {
        string library = Repository.PathOf("src", package);
        var wrong = new List<string>();
        int files = 0;
        foreach (string file in SourceFiles(library))
        {
            files++;
            string folder = Path.GetRelativePath(library, Path.GetDirectoryName(file)!);
            string name = folder == "." ? package : $"{package}.{folder.Replace(Path.DirectorySeparatorChar, '.')}";
            string room = name["LibMultipath.".Length..];
            Assert.True(s_mayUse.ContainsKey(room), $"{room} is a room that the table does not know ({file}).");
            string text = File.ReadAllText(file);
            Assert.Contains($"namespace {name};", text);
            foreach (Match use in UsedRoom().Matches(text))
            {
                string used = use.Groups[1].Value;
                if (used != room && !s_mayUse[room].Contains(used))
                {
                    wrong.Add($"{room} -> {used} ({Path.GetFileName(file)})");
                }
            }
        }

        Assert.True(files > least, $"Only {files} source files were found.");
        Assert.Empty(wrong);
    }

    private static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(folder, file).StartsWith("obj", StringComparison.Ordinal)
                && !Path.GetRelativePath(folder, file).StartsWith("bin", StringComparison.Ordinal));

    [GeneratedRegex(@"^using LibMultipath\.([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsedRoom();
}

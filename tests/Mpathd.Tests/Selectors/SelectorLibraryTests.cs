using System.Reflection;
using System.Runtime.CompilerServices;
using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;
using LibMultipath.Selection;
using Mpathd.Paths;
using Mpathd.Selectors;
using Mpathd.Tests.Kit;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Selectors;

/// <summary>One at a time, because the names of policies are the whole process's.</summary>
[Collection(ProcessCollection.Name)]
public sealed class SelectorLibraryTests : IDisposable
{
    private readonly SelectorLibrary _library = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _library.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_selectors_of_an_assembly_are_known_while_it_is_loaded()
    {
        SelectorAssembly loaded = _library.Load(Plugins.Selectors);
        Assert.Equal(["configured", "evil", "last-path", "throwing", "unmakeable"], loaded.Selectors.Order());
        Assert.Equal("the last path that can be used", SummaryOf("last-path"));
        Assert.Equal("SelectorPlugin.Throwing of SelectorPlugin.dll", SummaryOf("throwing"));
        Assert.True(IsKnown("configured:path=3"));
        Assert.Equal(Plugins.Selectors, _library.FileOf("last-path"));
        Assert.Null(_library.FileOf("latency"));
        Assert.True(_library.Unload(Plugins.Selectors, []));
        Assert.False(IsKnown("last-path"));
        Assert.Empty(_library.Assemblies);
    }

    [Fact]
    public void The_sample_of_the_documentation_is_one() => Assert.Equal(["least-waiting"], _library.Load(Plugins.Sample).Selectors);

    [Fact]
    public void A_dependency_that_the_daemon_has_too_is_the_assemblys_own()
    {
        _library.Load(Plugins.Selectors);
        Assert.Equal("with 9.9.9", SummaryOf("configured"));
        Assert.NotEqual(new Version(9, 9, 9, 0), Assembly.Load("Spectre.Console").GetName().Version);
    }

    [Fact]
    public void A_dependency_that_is_not_beside_it_is_told_when_it_is_loaded_and_not_taken_from_the_daemon()
    {
        string alone = Copy(Plugins.Selectors, "SelectorPlugin.dll");
        MpathdException refused = Assert.Throws<MpathdException>(() => _library.Load(alone));
        Assert.Equal((ExitCode.SystemLacks, $"{alone} cannot be used: it needs Spectre.Console 9.9.9.0, which is not beside it"), (refused.Code, refused.Message));
        Assert.False(IsKnown("last-path"));
    }

    [Fact]
    public void What_is_no_assembly_is_told_so()
    {
        string text = _folder.File("text.dll");
        File.WriteAllText(text, "text");
        Assert.Equal($"{text} cannot be used: it is no .NET assembly", Assert.Throws<MpathdException>(() => _library.Load(text)).Message);
        string none = _folder.File("none.dll");
        MpathdException refused = Assert.Throws<MpathdException>(() => _library.Load(none));
        Assert.Equal((ExitCode.SystemLacks, $"there is no file {none}"), (refused.Code, refused.Message));
    }

    [Fact]
    public void An_assembly_without_a_selector_is_told_what_one_would_be()
    {
        string other = Path.Combine(Path.GetDirectoryName(Plugins.Selectors)!, "Spectre.Console.dll");
        MpathdException refused = Assert.Throws<MpathdException>(() => _library.Load(other));
        Assert.Equal((ExitCode.WrongArguments, $"there is no selector in {other}"), (refused.Code, refused.Message));
        Assert.Contains("IMpathSelector", refused.Remedy);
    }

    [Fact]
    public void What_an_assembly_throws_when_it_is_loaded_is_told_and_nothing_of_it_stays()
    {
        AppContext.SetSwitch("SelectorPlugin.LastPath.Broken", true);
        try
        {
            Assert.Equal($"{Plugins.Selectors} cannot be used: it is broken", Assert.Throws<MpathdException>(() => _library.Load(Plugins.Selectors)).Message);
        }
        finally
        {
            AppContext.SetSwitch("SelectorPlugin.LastPath.Broken", false);
        }

        Assert.False(IsKnown("configured"));
        _library.Load(Plugins.Selectors);
    }

    [Fact]
    public void An_assembly_is_loaded_once()
    {
        _library.Load(Plugins.Selectors);
        Assert.Equal($"{Plugins.Selectors} is loaded already", Assert.Throws<MpathdException>(() => _library.Load(Plugins.Selectors)).Message);
        Assert.Equal($"{Plugins.Sample} is not loaded", Assert.Throws<MpathdException>(() => _library.Unload(Plugins.Sample, [])).Message);
    }

    [Fact]
    public void Two_assemblies_with_selectors_of_one_name_are_refused_and_the_first_stays()
    {
        _library.Load(Plugins.Selectors);
        string other = Copy(Plugins.Selectors, "Other.dll");
        Copy(Path.Combine(Path.GetDirectoryName(Plugins.Selectors)!, "Spectre.Console.dll"), "Spectre.Console.dll");
        MpathdException refused = Assert.Throws<MpathdException>(() => _library.Load(other));
        Assert.Contains("There is a policy 'configured' already", refused.Message);
        Assert.Equal([Plugins.Selectors], _library.Assemblies.Select(each => each.File));
        Assert.True(IsKnown("configured"));
    }

    [Fact]
    public void The_file_can_be_replaced_while_it_is_loaded_and_loaded_anew()
    {
        string file = Copy(Plugins.Selectors, "SelectorPlugin.dll");
        Copy(Path.Combine(Path.GetDirectoryName(Plugins.Selectors)!, "Spectre.Console.dll"), "Spectre.Console.dll");
        _library.Load(file);
        File.WriteAllText(file, "half a build");
        Assert.True(IsKnown("last-path"));
        Assert.True(_library.Unload(file, []));
        Assert.Throws<MpathdException>(() => _library.Load(file));
        File.Copy(Plugins.Selectors, file, overwrite: true);
        _library.Load(file);
        Assert.True(_library.Unload(file, []));
    }

    [Fact]
    public void One_that_is_in_use_is_not_unloaded()
    {
        _library.Load(Plugins.Selectors);
        MpathdException refused = Assert.Throws<MpathdException>(() => _library.Unload(Plugins.Selectors, ["numa", "last-path"]));
        Assert.Equal($"the disk selects by last-path, of {Plugins.Selectors}", refused.Message);
        Assert.True(IsKnown("last-path"));
    }

    [Fact]
    public void Nothing_is_left_of_one_that_has_selected()
    {
        _library.Load(Plugins.Selectors);
        using PathGroup group = Group.Of(new NullPathMaker(new NullDriver.NullOptions()), 2);
        SelectOnce(group.Head, group.Disk);
        Assert.True(_library.Unload(Plugins.Selectors, [group.Head.Policy.Selector.Name]));
    }

    // Frames of their own, which keep nothing alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsKnown(string name) => IoPolicies.TryParse(name, out _);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string SummaryOf(string name) => IoPolicies.Definitions.Single(each => each.Name == name).Summary;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SelectOnce(MpathHead head, MpathDisk disk)
    {
        var selectors = new MpathSelectors();
        SelectorRegistration registration = selectors.Register(IoPolicies.CreateSelector("last-path"), head);
        head.Policy.Set(IoPolicies.Parse("configured:path=1"));
        byte[] block = new byte[4096];
        Assert.Equal(BlockStatus.Ok, disk.ReadAsync(0, block).AsTask().Result);
        Assert.Equal(1, registration.Statistics.Chosen);
        registration.Dispose();
        Assert.Equal(BlockStatus.Ok, disk.ReadAsync(0, block).AsTask().Result);
        head.Policy.Set(IoPolicies.Numa);
    }

    private string Copy(string file, string name)
    {
        string copy = _folder.File(name);
        File.Copy(file, copy);
        return copy;
    }
}

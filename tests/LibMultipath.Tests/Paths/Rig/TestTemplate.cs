using LibMultipath.Block;
using LibMultipath.Paths;
using LibMultipath.Selection;

namespace LibMultipath.Tests.Paths;

/// <summary>A template with the required abilities only.</summary>
internal class TestTemplate(MpathIoPolicy? policy = null) : IMpathHeadTemplate
{
    private readonly List<MpathDevice> _reread = [];

    public MpathIoPolicy Policy { get; } = policy ?? IoPolicies.Create("numa");

    /// <summary>Whether a path may come back; null for what its controller says.</summary>
    public Func<MpathDevice, bool>? Available { get; set; }

    public Action<MpathDevice>? OnReread { get; set; }

    public IReadOnlyList<MpathDevice> Reread => _reread;

    public bool AvailablePath(MpathDevice path) => Available?.Invoke(path) ?? path.Controller.MayComeBack;

    public void RereadState(MpathDevice path)
    {
        _reread.Add(path);
        OnReread?.Invoke(path);
    }
}

/// <summary>A template whose driver can be unloaded.</summary>
internal class ModuleTemplate(MpathIoPolicy? policy = null) : TestTemplate(policy), IMpathModule
{
    private int _holds;

    public bool IsGoing { get; set; }

    public int Asked { get; private set; }

    /// <summary>Holds taken and not given back.</summary>
    public int Holds => Volatile.Read(ref _holds);

    public bool TryGetModule()
    {
        Asked++;
        if (IsGoing)
        {
            return false;
        }

        Interlocked.Increment(ref _holds);
        return true;
    }

    public void PutModule() => Assert.True(Interlocked.Decrement(ref _holds) >= 0, "A hold on the driver was put that was not taken.");
}

/// <summary>A template that decides itself what becomes of a head without paths, and whose driver can be unloaded.</summary>
internal sealed class RemovingTemplate(MpathIoPolicy? policy = null) : ModuleTemplate(policy), IMpathRemoveHead
{
    public int Removals { get; private set; }

    public Action<MpathHead>? OnRemove { get; set; }

    public void RemoveHead(MpathHead head)
    {
        Removals++;
        OnRemove?.Invoke(head);
    }
}

/// <summary>A template whose transport allows only some policies.</summary>
internal sealed class FilteringTemplate(MpathIoPolicy policy, params PathSelector[] allowed) : TestTemplate(policy), IMpathPolicyFilter
{
    public bool Allows(PathSelector selector) => allowed.Contains(selector);
}

/// <summary>A template that clones.</summary>
internal sealed class CloningTemplate(MpathIoPolicy? policy = null) : TestTemplate(policy), IMpathBioCloner
{
    public Func<Bio, MpathDevice, Bio?> OnClone { get; set; } = static (bio, _) => Clone(bio);

    public static Bio Clone(Bio bio)
    {
        Bio clone = Bio.Rent(bio.Op, bio.Sector, flags: bio.Flags);
        foreach (BioSegment segment in bio.Segments)
        {
            clone.AddSegment(segment);
        }

        return clone;
    }

    public Bio? CloneBio(Bio bio, MpathDevice path) => OnClone(bio, path);
}

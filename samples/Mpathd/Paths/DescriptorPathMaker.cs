using LibMultipath.Paths;
using LoopDriver;

namespace Mpathd.Paths;

/// <summary>Makes paths that lead to a file or a device, each with a descriptor of its own.</summary>
/// <typeparam name="T">The driver's path.</typeparam>
internal abstract class DescriptorPathMaker<T> : DriverPathMaker<T>
    where T : DescriptorPath
{
    private readonly int _node;
    private readonly string? _expected;

    /// <summary>Makes the maker; nothing is opened before there is a path to make.</summary>
    /// <param name="node">The node that its paths are near to.</param>
    /// <param name="expected">What a path has to lead to, when the head may have no path that would tell; null for any.</param>
    protected DescriptorPathMaker(int node, string? expected)
    {
        _node = node;
        _expected = expected;
    }

    protected override ManagedPath Add(MpathHead head, T path, int number)
    {
        string identity = IdentityOf(path);
        EnsureExpected(path, identity);
        return new ManagedPath(AddTo(head, path, number, _node), path.Drop, path.Fail, () => Restore(path), sectors => Resize(path, sectors))
        {
            Identity = identity,
        };
    }

    protected sealed override string OpenAlike(T path) =>
        path.WhyNoRing is { } why ? $"let it use a ring like the others: {why}" : OpenAlikeOtherwise;

    /// <summary>What to do about limits that do not go together, and not because of a ring.</summary>
    protected virtual string OpenAlikeOtherwise => "use paths whose limits are alike";

    /// <summary>What the data is, in words.</summary>
    protected abstract string IdentityOf(T path);

    /// <summary>Adds a path to a head.</summary>
    protected virtual MpathDevice AddTo(MpathHead head, T path, int number, int node) => path.AddTo(head, new MpathController(number), node);

    /// <summary>Has a path take another capacity.</summary>
    protected abstract void Resize(T path, long sectors);

    private void EnsureExpected(T path, string identity)
    {
        if (_expected is not null && identity != _expected)
        {
            throw MpathdException.WrongArguments($"{path.File} ({identity}) is not what the disk shows ({_expected})", GiveTheSame);
        }
    }

    private void Restore(T path) => Try(() =>
    {
        path.Restore();
        return path;
    });
}

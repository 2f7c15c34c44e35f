using LibMultipath.Attributes;
using LibMultipath.Block;
using LibMultipath.Paths;

namespace Mpathd.Serving;

/// <summary>The attributes of a disk that is served, as clients read and set them.</summary>
/// <remarks>Reading may be done on any thread; setting blocks, for a grace period.</remarks>
internal sealed class DiskAttributes : IDisposable
{
    private readonly MpathAttributes _attributes;

    public DiskAttributes(MpathHead head) => _attributes = new MpathAttributes(head);

    /// <summary>All there are, group by group; one that cannot be read says why.</summary>
    public AttributeStatus[] All =>
    [
        .. _attributes.Walk().Select(each => each.Node switch
        {
            MpathAttribute attribute => Describe(each.Name, attribute),
            MpathAttributeLink link => new AttributeStatus { Name = each.Name, Link = link.Target },
            _ => null,
        }).OfType<AttributeStatus>(),
    ];

    /// <summary>Reads one.</summary>
    /// <param name="name">Its full name.</param>
    /// <exception cref="MpathdException">There is none, or it cannot be read.</exception>
    public AttributeStatus Get(string name) => Try(name, () => new AttributeStatus
    {
        Name = name,
        Value = Line(_attributes.Show(name)),
        Writable = _attributes.Find(name) is MpathAttribute { IsWritable: true },
    });

    /// <summary>Sets one, and reads what it is then.</summary>
    /// <param name="name">Its full name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="MpathdException">There is none, or it does not take the value; nothing has changed.</exception>
    public AttributeStatus Set(string name, string value) => Try(name, () =>
    {
        _attributes.Store(name, value);
        return Get(name);
    });

    public void Dispose() => _attributes.Dispose();

    private static AttributeStatus Describe(string name, MpathAttribute attribute)
    {
        var status = new AttributeStatus { Name = name, Writable = attribute.IsWritable };
        try
        {
            return status with { Value = Line(attribute.Show()) };
        }
        catch (BlockException exception)
        {
            return status with { Error = exception.Message };
        }
    }

    private static AttributeStatus Try(string name, Func<AttributeStatus> use)
    {
        try
        {
            return use();
        }
        catch (BlockException exception)
        {
            throw exception.Errno switch
            {
                Errno.ENOENT or Errno.EISDIR => MpathdException.WrongArguments(exception.Message, "mpathd status --tree shows what there is"),
                Errno.EACCES => MpathdException.WrongArguments(exception.Message, "mpathd set --help says what can be set"),
                Errno.EINVAL => MpathdException.WrongArguments(exception.Message, $"mpathd get {name} shows what it is"),
                _ => MpathdException.Failed(exception.Message, "look with mpathd status", exception),
            };
        }
    }

    private static string Line(string text) => text.TrimEnd('\n');
}

using LibMultipath.Block;
using LibMultipath.Disk;
using LibMultipath.Paths;

namespace Drivers.Tests.Kit;

/// <summary>A head and its disk, which take their paths with them.</summary>
internal abstract class HeadRig : IDisposable
{
    protected HeadRig(IMpathHeadTemplate template)
    {
        Head = new MpathHead("head", template);
        Disk = new MpathDisk(Head);
    }

    public MpathHead Head { get; }

    public MpathDisk Disk { get; }

    public BlockStatus Run(Bio bio) => Flight.Run(Disk, bio);

    public virtual void Dispose()
    {
        foreach (MpathDevice path in Head.Paths)
        {
            Head.Remove(path);
        }

        Disk.Dispose();
        Head.Dispose();
    }
}

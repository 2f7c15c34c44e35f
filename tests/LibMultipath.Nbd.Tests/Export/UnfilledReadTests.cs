using LibMultipath.Nbd.Tests.Kit.Load;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Rig;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Export;

/// <summary>What a client sees when a driver says that it has read, and has not.</summary>
public sealed class UnfilledReadTests : IDisposable
{
    private const int Size = 1 << 20;

    private readonly TempFolder _folder = new();
    private readonly ExportRig _rig;

    public UnfilledReadTests() => _rig = new ExportRig(_folder, Size);

    public void Dispose()
    {
        _rig.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(512, true)]
    [InlineData(4096, false)]
    [InlineData(65536 + 512, true)]
    [InlineData(Size, false)]
    public void It_is_zeroes_and_never_what_another_client_has_written_or_read(int length, bool structured)
    {
        using RawClient other = _rig.Client();
        using RawClient client = _rig.Client(structured);
        for (int round = 0; round < 5; round++)
        {
            other.WriteAt(0, Data.Filled(length, 0xa5));
            Assert.Equal(Data.Filled(length, 0xa5), other.ReadAt(0, length));
            Array.ForEach(_rig.Paths, path => path.FillsNothing = true);

            Assert.Equal(new byte[length], client.ReadAt(0, length));

            Array.ForEach(_rig.Paths, path => path.FillsNothing = false);
        }
    }
}

using System.Globalization;

namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>A qemu-nbd of the test's, over an image.</summary>
internal sealed class QemuNbdServer : ServerProcess
{
    private readonly string _image;
    private readonly string _format;
    private readonly string _export;
    private readonly int _shared;

    public QemuNbdServer(TempFolder folder, string name, string image, string format = "raw", string export = "", int shared = 8)
        : base(folder, name)
    {
        Socket = folder[$"{name}.sock"];
        _image = image;
        _format = format;
        _export = export;
        _shared = shared;
        Start();
    }

    public override string? Socket { get; }

    protected override string Program => "qemu-nbd";

    protected override IEnumerable<string> Arguments =>
    [
        "--persistent", "--socket", Socket!, "--pid-file", PidFile, "--format", _format, "--export-name", _export,
        "--shared", _shared.ToString(CultureInfo.InvariantCulture), "--discard", "unmap", _image,
    ];
}

using LibMultipath.Block;
using LibMultipath.Ublk.Abi;
using LibMultipath.Ublk.Parameters;
using LibMultipath.Ublk.Queues;

namespace LibMultipath.Ublk.Tests.Scenarios.Kit;

/// <summary>A disk in memory that keeps the metadata of each block beside its data.</summary>
internal sealed class IntegrityTarget : UblkTarget
{
    private readonly UblkIntegrity _integrity;

    public IntegrityTarget(int bytes, UblkIntegrity integrity)
    {
        _integrity = integrity;
        Data = new byte[bytes];
        Metadata = new byte[integrity.MetadataBytesOf(bytes)];

        // An application tag of ones says that a block is not protected yet.
        Metadata.AsSpan().Fill(0xff);
    }

    public byte[] Data { get; }

    public byte[] Metadata { get; }

    /// <summary>The metadata of a block of 512 bytes.</summary>
    public Span<byte> MetadataOf(int block) => Metadata.AsSpan(block * _integrity.MetadataSize, _integrity.MetadataSize);

    protected internal override void Handle(UblkRequest request)
    {
        Errno error = Errno.None;
        if (request.HasData)
        {
            int position = (int)request.Sector * 512;
            Span<byte> data = Data.AsSpan(position, (int)request.Bytes);
            Span<byte> metadata = (request.Flags & UblkIoFlags.Integrity) == 0
                ? []
                : Metadata.AsSpan((int)_integrity.MetadataBytesOf(position), (int)_integrity.MetadataBytesOf(request.Bytes));
            error = request.Op == UblkOp.Read ? Give(request, data, metadata) : Take(request, data, metadata);
        }

        _ = error == Errno.None ? request.Complete() : request.Fail(error);
    }

    private static Errno Give(UblkRequest request, Span<byte> data, Span<byte> metadata)
    {
        Errno error = request.CopyOut(data, integrity: false);
        return error == Errno.None && !metadata.IsEmpty ? request.CopyOut(metadata, integrity: true) : error;
    }

    private static Errno Take(UblkRequest request, Span<byte> data, Span<byte> metadata)
    {
        Errno error = request.CopyIn(data, integrity: false);
        return error == Errno.None && !metadata.IsEmpty ? request.CopyIn(metadata, integrity: true) : error;
    }
}

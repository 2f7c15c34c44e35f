using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using LibMultipath.Block;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>Reads what a server says of an export, and whether a disk can be made of it.</summary>
internal static class ExportInfoReader
{
    /// <summary>Reads one answer.</summary>
    /// <param name="data">It.</param>
    /// <param name="info">What is known so far.</param>
    /// <exception cref="NbdProtocolException">It is too short, or makes no sense.</exception>
    public static NbdExportInfo? Read(ReadOnlySpan<byte> data, NbdExportInfo? info)
    {
        if (data.Length < 2)
        {
            throw new NbdProtocolException($"the server tells of its export in {data.Length} bytes; 2 are the least");
        }

        var type = (NbdInfo)BinaryPrimitives.ReadUInt16BigEndian(data);
        NbdExportInfo known = info ?? new NbdExportInfo { Size = 0, Flags = default };
        data = data[2..];
        switch (type)
        {
            case NbdInfo.Export when data.Length == 10:
                return known with { Size = BinaryPrimitives.ReadUInt64BigEndian(data), Flags = (NbdExportFlags)BinaryPrimitives.ReadUInt16BigEndian(data[8..]) };
            case NbdInfo.BlockSize when data.Length == 12:
                return known with
                {
                    MinimumBlock = BinaryPrimitives.ReadUInt32BigEndian(data),
                    PreferredBlock = BinaryPrimitives.ReadUInt32BigEndian(data[4..]),
                    MaximumBlock = BinaryPrimitives.ReadUInt32BigEndian(data[8..]),
                };
            case NbdInfo.Description when data.Length <= NbdSizes.Text:
                return known with { Description = Encoding.UTF8.GetString(data) };
            case NbdInfo.Export or NbdInfo.BlockSize or NbdInfo.Description:
                throw new NbdProtocolException($"the server tells {type} of its export in {data.Length} bytes");
            default:
                return info;
        }
    }

    /// <summary>What was told, if a disk can be made of it.</summary>
    /// <exception cref="NbdProtocolException">It makes no sense.</exception>
    /// <exception cref="BlockException">No disk is like that.</exception>
    public static NbdExportInfo Check(NbdAddress address, NbdExportInfo? info, bool isStructured)
    {
        if (info is null || !info.Can(NbdExportFlags.HasFlags))
        {
            throw new NbdProtocolException("the server does not say how large its export is, or what it can do");
        }

        if (info.Size > long.MaxValue)
        {
            throw new NbdProtocolException($"the export has {info.Size} bytes, which no disk has");
        }

        if (!BitOperations.IsPow2(info.MinimumBlock) || info.MinimumBlock > NbdSizes.LargestMinimumBlock
            || !BitOperations.IsPow2(info.PreferredBlock) || info.PreferredBlock < info.MinimumBlock
            || info.MaximumBlock < info.PreferredBlock || (info.MaximumBlock != uint.MaxValue && info.MaximumBlock % info.MinimumBlock != 0))
        {
            throw new NbdProtocolException(
                $"the export's block sizes make no sense: {info.MinimumBlock} at least, best {info.PreferredBlock}, {info.MaximumBlock} at most");
        }

        if (info.Size < QueueLimits.SectorSize)
        {
            throw new BlockException(Errno.EINVAL, $"{address}: the export has {info.Size} bytes; a disk has at least {QueueLimits.SectorSize}");
        }

        return info with { IsStructured = isStructured };
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using LibMultipath.Passthrough;

namespace LibMultipath.Tests.Passthrough;

/// <summary>A SCSI command as a user of SG_IO makes it.</summary>
internal sealed unsafe class SgCommand : IDisposable
{
    private readonly sg_io_hdr* _header = (sg_io_hdr*)NativeMemory.AllocZeroed((nuint)sizeof(sg_io_hdr));
    private readonly byte* _command;
    private readonly byte* _data;
    private readonly byte* _sense = (byte*)NativeMemory.AllocZeroed(64);

    public SgCommand(byte[] command, int data, byte[]? sent = null)
    {
        _command = (byte*)NativeMemory.AllocZeroed((nuint)command.Length);
        command.CopyTo(new Span<byte>(_command, command.Length));
        _data = (byte*)NativeMemory.AllocZeroed((nuint)Math.Max(1, data));
        sent?.CopyTo(new Span<byte>(_data, data));
        _header->interface_id = 'S';
        _header->cmd_len = (byte)command.Length;
        _header->cmdp = _command;
        _header->dxferp = _data;
        _header->dxfer_len = (uint)data;
        _header->sbp = _sense;
        _header->mx_sb_len = 64;
        DataLength = data;
    }

    public MpathIoctl Ioctl => new(0x2285, (nint)_header) { HasRawIo = true };

    public ref sg_io_hdr Header => ref *_header;

    public Span<byte> Data => new(_data, DataLength);

    public ReadOnlySpan<byte> Sense => new(_sense, _header->sb_len_wr);

    private int DataLength { get; }

    /// <summary>PERSISTENT RESERVE OUT.</summary>
    public static SgCommand Out(int action, int type, ulong key, ulong second, byte flags = 0)
    {
        byte[] parameters = new byte[24];
        BinaryPrimitives.WriteUInt64BigEndian(parameters, key);
        BinaryPrimitives.WriteUInt64BigEndian(parameters.AsSpan(8), second);
        parameters[20] = flags;
        return new SgCommand([0x5f, (byte)action, (byte)type, 0, 0, 0, 0, 0, 24, 0], 24, parameters);
    }

    /// <summary>PERSISTENT RESERVE IN.</summary>
    public static SgCommand In(int action, int length = 256) =>
        new([0x5e, (byte)action, 0, 0, 0, 0, 0, (byte)(length >> 8), (byte)length, 0], length);

    public void Dispose()
    {
        NativeMemory.Free(_header);
        NativeMemory.Free(_command);
        NativeMemory.Free(_data);
        NativeMemory.Free(_sense);
    }
}

using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.RingBuffer;

// Begins a record for the daemon whose control socket is given, submits another one (the weight of path 0 is 11), and is killed.
using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
socket.Connect(new UnixDomainSocketEndPoint(args[0]));
socket.Send("{\"version\":1,\"verb\":\"feed\"}\n"u8);
byte[] next = new byte[1];
while (socket.Receive(next) == 1 && next[0] != '\n')
{
}

socket.Send("\n"u8);
using UserRingDescriptors descriptors = UserRingDescriptors.Receive(socket);
using UserRingProducer producer = UserRingProducer.Open(descriptors);
if (producer.TryReserve(24, out _) != Errno.None)
{
    return 1;
}

byte[] weight = new byte[24];
BinaryPrimitives.WriteUInt32LittleEndian(weight, 2);
BinaryPrimitives.WriteUInt64LittleEndian(weight.AsSpan(8), 11);
if (producer.TryWrite(weight) != Errno.None)
{
    return 1;
}

Process.GetCurrentProcess().Kill();
return 1;

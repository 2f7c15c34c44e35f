using System.Net.Sockets;
using LibMultipath.RingBuffer;
using RingPeer;

// produce|consume|consume-once SOCKET LOG RECORDS: gets its descriptors over the socket, and writes what it has done in the log.
const int Wrong = 3;
using var log = new PeerLog(args[2], int.Parse(args[3], null));
using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
socket.Connect(new UnixDomainSocketEndPoint(args[1]));
using UserRingDescriptors descriptors = UserRingDescriptors.Receive(socket);
try
{
    if (args[0] == "produce")
    {
        ProducerPeer.Run(descriptors, log);
    }
    else
    {
        ConsumerPeer.Run(descriptors, log, once: args[0] == "consume-once");
    }

    return 0;
}
catch (InvalidDataException exception)
{
    Console.Error.WriteLine(exception.Message);
    return Wrong;
}

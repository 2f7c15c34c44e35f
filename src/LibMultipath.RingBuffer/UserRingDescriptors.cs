using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer;

/// <summary>
/// The two descriptors of a ring's memory, for one side of it: what another process needs to open it. They are the
/// holder's, who disposes them; a ring or producer that was opened with them has its own.
/// </summary>
/// <remarks>
/// A producer's cannot write the consumer's page, and another user cannot open that page again to write it. A process of
/// the same user could, as it could with any memory of the consumer's. What a producer's can do to that page is lock it for
/// reading: while a hostile one does, nobody can <see cref="UserRingBuffer.TakeOver"/> (EBUSY), until its process is ended.
/// </remarks>
public sealed class UserRingDescriptors : IDisposable
{
    private const byte Mark = (byte)'R';

    /// <summary>Takes two descriptors, which become this object's. They are looked at when a ring is opened with them.</summary>
    /// <param name="consumerPage">The memory of the consumer's page.</param>
    /// <param name="data">The memory of the producer's page and of the data.</param>
    public UserRingDescriptors(SafeFileHandle consumerPage, SafeFileHandle data)
    {
        ArgumentNullException.ThrowIfNull(consumerPage);
        ArgumentNullException.ThrowIfNull(data);
        ConsumerPage = consumerPage;
        Data = data;
    }

    /// <summary>The memory of the consumer's page; read-only if this is for a producer.</summary>
    public SafeFileHandle ConsumerPage { get; }

    /// <summary>The memory of the producer's page and of the data.</summary>
    public SafeFileHandle Data { get; }

    /// <summary>Receives what <see cref="Send"/> has sent; blocks until it is there.</summary>
    /// <param name="socket">A unix socket; one that was used asynchronously is waited for as well.</param>
    /// <exception cref="UserRingException">EINVAL: what came is no ring. ENODATA: the other side has closed the socket. Or the system's error.</exception>
    public static UserRingDescriptors Receive(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Errno error = Libc.ReceiveDescriptors(socket.SafeHandle, out byte mark, out SafeFileHandle[] files);
        UserRingException.ThrowIf(error, "receiving the descriptors of a ring");
        if (mark == Mark && files is [var consumerPage, var data])
        {
            return new UserRingDescriptors(consumerPage, data);
        }

        foreach (SafeFileHandle file in files)
        {
            file.Dispose();
        }

        throw new UserRingException(Errno.EINVAL, $"receiving the descriptors of a ring: {files.Length} descriptors came with the byte 0x{mark:x2}", "let the other side send with UserRingDescriptors.Send");
    }

    /// <summary>Sends copies over a socket (<c>SCM_RIGHTS</c>), with one byte of data; blocks until there is room.</summary>
    /// <param name="socket">A unix socket; one that was used asynchronously is waited for as well.</param>
    /// <exception cref="UserRingException">The system's error.</exception>
    public void Send(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        UserRingException.ThrowIf(Libc.SendDescriptors(socket.SafeHandle, Mark, ConsumerPage, Data), "sending the descriptors of a ring");
    }

    /// <summary>Closes both.</summary>
    public void Dispose()
    {
        ConsumerPage.Dispose();
        Data.Dispose();
    }
}

using System.Runtime.InteropServices;
using LibMultipath.Block;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer.Interop;

// Descriptors in messages of unix sockets (SCM_RIGHTS).
internal static unsafe partial class Libc
{
    public const int SocketLevel = 1; // SOL_SOCKET
    public const int Rights = 1; // SCM_RIGHTS
    public const int NoSignal = 0x4000; // MSG_NOSIGNAL
    public const int CloseReceivedOnExec = 0x40000000; // MSG_CMSG_CLOEXEC
    public const short CanRead = 0x1; // POLLIN
    public const short CanWrite = 0x4; // POLLOUT

    /// <summary>Sends one byte and two descriptors with it.</summary>
    public static Errno SendDescriptors(SafeHandle socket, byte mark, SafeFileHandle first, SafeFileHandle second)
    {
        bool firstHeld = false, secondHeld = false;
        try
        {
            first.DangerousAddRef(ref firstHeld);
            second.DangerousAddRef(ref secondHeld);
            byte* control = stackalloc byte[sizeof(cmsghdr) + (2 * sizeof(int))];
            var header = (cmsghdr*)control;
            header->cmsg_len = (nuint)(sizeof(cmsghdr) + (2 * sizeof(int)));
            header->cmsg_level = SocketLevel;
            header->cmsg_type = Rights;
            int* descriptors = (int*)(header + 1);
            descriptors[0] = (int)first.DangerousGetHandle();
            descriptors[1] = (int)second.DangerousGetHandle();
            var data = new iovec { iov_base = (nint)(&mark), iov_len = 1 };
            var message = new msghdr { msg_iov = (nint)(&data), msg_iovlen = 1, msg_control = (nint)control, msg_controllen = header->cmsg_len };
            nint sent;
            do
            {
                sent = SendMessage(socket, &message, NoSignal);
            }
            while (sent < 0 && IsWorthAgain(socket, CanWrite));

            return sent < 0 ? LastError : Errno.None;
        }
        finally
        {
            if (firstHeld)
            {
                first.DangerousRelease();
            }

            if (secondHeld)
            {
                second.DangerousRelease();
            }
        }
    }

    /// <summary>Receives one byte and the descriptors that came with it. ENODATA at the end.</summary>
    public static Errno ReceiveDescriptors(SafeHandle socket, out byte mark, out SafeFileHandle[] files)
    {
        // For more than any sender sends with a byte: descriptors, and who it is.
        const int Room = 2048;
        byte* control = stackalloc byte[Room];
        byte received = 0;
        var data = new iovec { iov_base = (nint)(&received), iov_len = 1 };
        var message = new msghdr { msg_iov = (nint)(&data), msg_iovlen = 1, msg_control = (nint)control, msg_controllen = Room };
        nint length;
        do
        {
            length = ReceiveMessage(socket, &message, CloseReceivedOnExec);
        }
        while (length < 0 && IsWorthAgain(socket, CanRead));

        mark = received;
        files = [];
        if (length > 0)
        {
            files = [.. DescriptorsIn(control, message.msg_controllen)];
            return Errno.None;
        }

        return length < 0 ? LastError : Errno.ENODATA;
    }

    // There may be other messages before it, as those who ask for the sender's identity get one.
    private static List<SafeFileHandle> DescriptorsIn(byte* control, nuint length)
    {
        var files = new List<SafeFileHandle>();
        nuint at = 0;
        while (at + (nuint)sizeof(cmsghdr) <= length)
        {
            var header = (cmsghdr*)(control + at);
            if (header->cmsg_len < (nuint)sizeof(cmsghdr) || header->cmsg_len > length - at)
            {
                break;
            }

            if (header->cmsg_level == SocketLevel && header->cmsg_type == Rights)
            {
                int count = ((int)header->cmsg_len - sizeof(cmsghdr)) / sizeof(int);
                for (int i = 0; i < count; i++)
                {
                    files.Add(new SafeFileHandle(((int*)(header + 1))[i], ownsHandle: true));
                }
            }

            nuint alignment = (nuint)sizeof(nuint) - 1;
            at += (header->cmsg_len + alignment) & ~alignment;
        }

        return files;
    }

    /// <summary>After a failure: whether to call again. A socket that was ever used asynchronously does not block: so it is waited for here.</summary>
    private static bool IsWorthAgain(SafeHandle socket, short what)
    {
        switch (LastError)
        {
            case Errno.EINTR:
                return true;
            case Errno.EAGAIN:
                bool held = false;
                try
                {
                    socket.DangerousAddRef(ref held);
                    var wanted = new pollfd { fd = (int)socket.DangerousGetHandle(), events = what };
                    return Poll(&wanted, 1, -1) >= 0 || LastError == Errno.EINTR;
                }
                finally
                {
                    if (held)
                    {
                        socket.DangerousRelease();
                    }
                }

            default:
                return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(pollfd* descriptors, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, msghdr* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeHandle socket, msghdr* message, int flags);
}

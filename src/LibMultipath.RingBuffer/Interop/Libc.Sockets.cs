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
    public const int MostDescriptors = 16;

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
            while (sent < 0 && LastError == Errno.EINTR);

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
        const int Room = MostDescriptors * sizeof(int);
        byte* control = stackalloc byte[sizeof(cmsghdr) + Room];
        byte received = 0;
        var data = new iovec { iov_base = (nint)(&received), iov_len = 1 };
        var message = new msghdr { msg_iov = (nint)(&data), msg_iovlen = 1, msg_control = (nint)control, msg_controllen = (nuint)(sizeof(cmsghdr) + Room) };
        nint length;
        do
        {
            length = ReceiveMessage(socket, &message, CloseReceivedOnExec);
        }
        while (length < 0 && LastError == Errno.EINTR);

        mark = received;
        files = [];
        if (length <= 0)
        {
            return length < 0 ? LastError : Errno.ENODATA;
        }

        var header = (cmsghdr*)control;
        if (message.msg_controllen >= (nuint)sizeof(cmsghdr) && header->cmsg_level == SocketLevel && header->cmsg_type == Rights)
        {
            files = new SafeFileHandle[((int)header->cmsg_len - sizeof(cmsghdr)) / sizeof(int)];
            for (int i = 0; i < files.Length; i++)
            {
                files[i] = new SafeFileHandle(((int*)(header + 1))[i], ownsHandle: true);
            }
        }

        return Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, msghdr* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(SafeHandle socket, msghdr* message, int flags);
}

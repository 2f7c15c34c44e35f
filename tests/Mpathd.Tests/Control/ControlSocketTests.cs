using System.Diagnostics;
using System.Net.Sockets;
using Mpathd.Control;
using Mpathd.Tests.Processes;

namespace Mpathd.Tests.Control;

public sealed class ControlSocketTests : IDisposable
{
    private const UnixFileMode OwnerMayAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TemporaryFolder _folder = new();

    private string SocketPath => Path.Combine(_folder.Path, "run", "control.sock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_and_the_folder_that_is_made_for_it_are_its_users_alone()
    {
        using var socket = ControlSocket.Listen(SocketPath);
        Assert.Equal(OwnerMayAll, File.GetUnixFileMode(Path.GetDirectoryName(SocketPath)!));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath + ".lock"));
    }

    [Fact]
    public void Nothing_of_it_is_left_behind()
    {
        ControlSocket.Listen(SocketPath).Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(SocketPath)!));
        ControlSocket.Listen(SocketPath).Dispose();
    }

    [Fact]
    public void It_ends_without_its_folder()
    {
        var socket = ControlSocket.Listen(SocketPath);
        Directory.Delete(Path.GetDirectoryName(SocketPath)!, recursive: true);
        socket.Dispose();
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public void What_a_dead_daemon_has_left_is_replaced()
    {
        LeaveStaleSocket();
        File.WriteAllText(SocketPath + ".lock", "");
        using var socket = ControlSocket.Listen(SocketPath);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(SocketPath));
    }

    [Fact]
    public void What_a_daemon_has_left_that_was_killed_is_replaced()
    {
        // Not the file, but the kernel knows that nobody holds the lock: the process that did is gone.
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        using (Process holder = Process.Start("/bin/sh", ["-c", $"exec 9> '{SocketPath}.lock'; flock -x 9; kill -9 $$"]))
        {
            holder.WaitForExit();
        }

        LeaveStaleSocket();
        ControlSocket.Listen(SocketPath).Dispose();
    }

    [Fact]
    public void Another_program_that_listens_there_is_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(SocketPath));
        other.Listen();
        Assert.Contains("another daemon has the control socket", Refused(SocketPath).Message);
        Assert.True(File.Exists(SocketPath));
    }

    [Fact]
    public void Of_those_who_start_at_once_one_gets_it()
    {
        for (int round = 0; round < 20; round++)
        {
            if (round % 2 == 0)
            {
                LeaveStaleSocket();
            }

            var got = new List<ControlSocket>();
            Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
            {
                try
                {
                    var socket = ControlSocket.Listen(SocketPath);
                    lock (got)
                    {
                        got.Add(socket);
                    }
                }
                catch (MpathdException exception)
                {
                    Assert.Contains("another daemon has", exception.Message);
                }
            });
            Assert.Single(got);
            got[0].Dispose();
        }
    }

    [Fact]
    public void One_follows_the_other_however_fast()
    {
        // The one that ends takes its files away while the other looks at them.
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 100; i++)
            {
                try
                {
                    using var socket = ControlSocket.Listen(SocketPath);
                    using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    client.Connect(new UnixDomainSocketEndPoint(SocketPath));
                }
                catch (MpathdException exception)
                {
                    Assert.Contains("another daemon has", exception.Message);
                }
            }
        });
    }

    [Fact]
    public void What_is_no_socket_is_not_touched()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        File.WriteAllText(SocketPath, "dear");
        Assert.Contains("is there, and no socket", Refused(SocketPath).Message);
        Assert.Equal("dear", File.ReadAllText(SocketPath));
        Assert.Equal([SocketPath], Directory.GetFileSystemEntries(Path.GetDirectoryName(SocketPath)!));
    }

    [Fact]
    public void A_link_is_not_followed()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        File.CreateSymbolicLink(SocketPath, _folder.File("dear", 10));
        Assert.Contains("is there, and no socket", Refused(SocketPath).Message);
        Assert.Equal(10, new FileInfo(_folder.File("dear")).Length);
    }

    [Fact]
    public void A_link_is_no_lock()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        File.CreateSymbolicLink(SocketPath + ".lock", _folder.File("dear", 10));
        Assert.Contains("control.sock.lock is there, and no lock of a daemon", Refused(SocketPath).Message);
        Assert.Equal(10, new FileInfo(_folder.File("dear")).Length);
    }

    [Theory]
    [InlineData(OwnerMayAll | UnixFileMode.GroupWrite)]
    [InlineData(OwnerMayAll | UnixFileMode.OtherWrite)]
    [InlineData(OwnerMayAll | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite | UnixFileMode.StickyBit)]
    public void A_folder_that_others_may_write_is_refused(UnixFileMode mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        File.SetUnixFileMode(Path.GetDirectoryName(SocketPath)!, mode);
        Assert.Contains("no folder that you alone may write", Refused(SocketPath).Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told()
    {
        Assert.Contains("cannot be made", Refused("/proc/mpathd/control.sock").Message);
        _folder.File("file", 1);
        Assert.Contains("cannot be made", Refused(Path.Combine(_folder.Path, "file", "control.sock")).Message);
    }

    [Theory]
    [InlineData(0u, "/run/user/0", "/run/mpathd/control.sock")]
    [InlineData(0u, null, "/run/mpathd/control.sock")]
    [InlineData(1000u, "/run/user/1000", "/run/user/1000/mpathd/control.sock")]
    [InlineData(1000u, null, "/tmp/mpathd-1000/control.sock")]
    [InlineData(1000u, "", "/tmp/mpathd-1000/control.sock")]
    [InlineData(1000u, "relative", "/tmp/mpathd-1000/control.sock")]
    [InlineData(1000u, "/run/user/1000/a-folder-whose-name-is-so-long-that-no-socket-in-it-could-have-a-name-that-the-kernel-takes", "/tmp/mpathd-1000/control.sock")]
    public void Each_user_has_a_default(uint user, string? runtimeFolder, string expected) =>
        Assert.Equal(expected, ControlPaths.DefaultOf(user, runtimeFolder));

    [Theory]
    [InlineData("")]
    [InlineData("/run/")]
    [InlineData("a\0b")]
    public void What_is_no_name_is_refused(string text) => Assert.Throws<FormatException>(() => ControlPaths.Parse(text));

    [Fact]
    public void A_name_is_as_long_as_the_kernel_lets_it_be()
    {
        string longest = "/" + new string('ä', 53);
        Assert.Equal(longest, ControlPaths.Parse(longest));
        Assert.Contains("at most 107 bytes", Assert.Throws<FormatException>(() => ControlPaths.Parse(longest + "x")).Message);
    }

    private static MpathdException Refused(string path)
    {
        MpathdException exception = Assert.Throws<MpathdException>(() => ControlSocket.Listen(path).Dispose());
        Assert.Equal(ExitCode.SystemLacks, exception.Code);
        return exception;
    }

    private void LeaveStaleSocket()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SocketPath)!);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(SocketPath + ".moved"));

        // Under its own name it would be taken away when the socket is closed.
        File.Move(SocketPath + ".moved", SocketPath);
    }
}

using System.Collections.Concurrent;
using System.Net.Sockets;
using LibMultipath.Block;
using LibMultipath.Nbd.Server;
using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Server;

/// <summary>The file of a Unix socket: one server has it, and only that one takes it away.</summary>
public sealed class SocketFileTests : IDisposable
{
    private const int Rounds = 50;
    private const int Servers = 6;

    private readonly TempFolder _folder = new();

    private string Place => _folder["export.sock"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_servers_that_start_at_once_on_what_a_dead_one_left_exactly_one_lives(bool longName)
    {
        string place = longName ? LongPlace() : Place;
        for (int round = 0; round < Rounds; round++)
        {
            LeaveDead(place);
            NbdServer[] living = StartAtOnce(place);
            try
            {
                NbdServer one = Assert.Single(living);
                using var client = new RawClient(new UnixDomainSocketEndPoint(place));
                client.Greet();
                Eventually.True(() => one.ConnectionCount == 1, "the client to be the living server's");
            }
            finally
            {
                Array.ForEach(living, server => server.Dispose());
            }

            Assert.Empty(Directory.GetFileSystemEntries(_folder.Name));
        }
    }

    [Fact]
    public void Where_a_server_lives_no_other_starts()
    {
        using NbdServer server = Start(Place);

        Assert.Equal(Errno.EADDRINUSE, Assert.Throws<BlockException>(() => Start(Place)).Errno);

        using var client = new RawClient(server.LocalEndPoint);
        client.Greet();
    }

    [Fact]
    public void The_address_is_the_one_that_was_given()
    {
        using NbdServer server = Start(Place);

        Assert.Equal(Place, server.LocalEndPoint.ToString());
        Assert.Equal([Place], Directory.GetFileSystemEntries(_folder.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_file_goes_with_its_server(bool longName)
    {
        string place = longName ? LongPlace() : Place;

        Start(place).Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_has_taken_the_place_is_left_alone(bool longName)
    {
        string place = longName ? LongPlace() : Place;
        NbdServer server = Start(place);
        File.Delete(place);
        File.WriteAllText(place, "precious");

        server.Dispose();

        Assert.Equal("precious", File.ReadAllText(place));
    }

    [Fact]
    public void A_server_that_is_disposed_twice_leaves_its_successor_alone()
    {
        NbdServer server = Start(Place);
        server.Dispose();
        using NbdServer next = Start(Place);

        server.Dispose();

        using var client = new RawClient(new UnixDomainSocketEndPoint(Place));
        client.Greet();
    }

    [Fact]
    public void An_abstract_name_has_no_file_and_one_server()
    {
        string name = $"\0libmultipath-{Guid.NewGuid():n}";
        using NbdServer server = Start(name);

        Assert.Equal(Errno.EADDRINUSE, Assert.Throws<BlockException>(() => Start(name)).Errno);

        using var client = new RawClient(server.LocalEndPoint);
        client.Greet();
    }

    [Fact]
    public void A_path_may_be_relative()
    {
        string place = Path.GetRelativePath(Environment.CurrentDirectory, Place);
        using NbdServer server = Start(place);

        Assert.Equal([Place], Directory.GetFileSystemEntries(_folder.Name));
        using var client = new RawClient(new UnixDomainSocketEndPoint(Place));
        client.Greet();
    }

    [Fact]
    public void Where_there_is_no_folder_it_is_said_of_the_address_that_was_given()
    {
        BlockException exception = Assert.Throws<BlockException>(() => Start(_folder["none/export.sock"]));

        Assert.Equal(Errno.ENOENT, exception.Errno);
        Assert.StartsWith($"listening at {_folder["none/export.sock"]}: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_takes_the_place_when_it_was_found_dead_is_given_it_back()
    {
        using NbdServer server = Start(Place);

        Assert.False(StaleSocket.TryDeleteAside(Place, _folder["aside"]));

        Assert.Equal([Place], Directory.GetFileSystemEntries(_folder.Name));
        using var client = new RawClient(new UnixDomainSocketEndPoint(Place));
        client.Greet();
    }

    [Fact]
    public void A_dead_file_that_is_gone_when_it_is_to_be_removed_was_cleared_by_somebody() =>
        Assert.True(StaleSocket.TryDeleteAside(Place, _folder["aside"]));

    private static NbdServer Start(string place) => NbdServer.Start(new NbdServerOptions { EndPoint = new UnixDomainSocketEndPoint(place) });

    private static NbdServer[] StartAtOnce(string place)
    {
        var living = new ConcurrentBag<NbdServer>();
        var errors = new ConcurrentBag<Exception>();
        using var barrier = new Barrier(Servers);
        Thread[] threads = [.. Enumerable.Range(0, Servers).Select(_ => new Thread(() =>
        {
            barrier.SignalAndWait();
            try
            {
                living.Add(Start(place));
            }
            catch (Exception exception)
            {
                errors.Add(exception);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.All(errors, error => Assert.Equal(Errno.EADDRINUSE, Assert.IsType<BlockException>(error).Errno));
        return [.. living];
    }

    // What a process that was killed leaves: .NET would remove it.
    private static void LeaveDead(string place)
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(place));
            File.Move(place, place[..^1]);
        }

        File.Move(place[..^1], place);
    }

    // It leaves no room for another name beside it.
    private string LongPlace() => _folder[new string('s', NbdAddress.MaxSocketPath - _folder.Name.Length - 1)];
}

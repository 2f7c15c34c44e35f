using LibMultipath.Nbd.Tests.Kit.Raw;
using LibMultipath.Nbd.Tests.Kit.Tools;

namespace LibMultipath.Nbd.Tests.Kit.Rig;

/// <summary>Where the servers of a test are.</summary>
internal static class Addresses
{
    public static NbdAddress Of(ServerProcess server, string export = "") => server is NbdkitServer { Port: not 0 } tcp
        ? NbdAddress.Parse($"nbd://127.0.0.1:{tcp.Port}/{export}")
        : OfSocket(server.Socket!, export);

    public static NbdAddress Of(RawServer server) => server.Port != 0 ? NbdAddress.Parse($"tcp:127.0.0.1:{server.Port}") : OfSocket(server.Socket);

    public static NbdAddress OfSocket(string socket, string export = "") => NbdAddress.Parse($"nbd+unix:///{export}?socket={socket}");
}

using LibMultipath.Nbd;
using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>
/// A path to an export of an NBD server: <c>nbd:unix:PATH[,name=EXPORT]</c>, <c>nbd:tcp:HOST:PORT[,name=EXPORT]</c> or a URI
/// (<c>nbd://…</c>, <c>nbds://…</c>, <c>nbd+unix://…</c>, <c>nbds+unix://…</c>), each with options after it.
/// </summary>
/// <param name="Address">The server and the export.</param>
/// <param name="Certificates">The folder of the certificates, as it was given; null without TLS.</param>
/// <param name="Times">How long it is waited for when it is lost; what is not given is the disk's.</param>
/// <param name="State">Its access state; null for what the driver finds.</param>
/// <param name="Node">The NUMA node that the path counts as near to; -1 for none.</param>
internal sealed record NbdPathSpec(NbdAddress Address, string? Certificates, FailureTimes Times, MpathAccessState? State, int Node) : PathSpec(Node);

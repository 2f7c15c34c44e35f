using LibMultipath.Block;
using LibMultipath.Nbd.Connections;
using LibMultipath.Nbd.Protocol;

namespace LibMultipath.Nbd.Client;

/// <summary>The last thing that a client says.</summary>
internal sealed class DisconnectFrame : NbdFrame
{
    public DisconnectFrame()
    {
        HeaderLength = NbdRequest.Size;
        new NbdRequest(NbdCommand.Disconnect, NbdCommandFlags.None, 0, 0, 0).Write(HeaderRoom);
    }

    public override ReadOnlySpan<BioSegment> Payload => default;

    public override void OnSent()
    {
    }
}

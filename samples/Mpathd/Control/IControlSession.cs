namespace Mpathd.Control;

/// <summary>What goes on over a client's connection after the answer, until either side ends it.</summary>
internal interface IControlSession : IAsyncDisposable
{
    /// <summary>Goes on until the client has gone, or until it is stopped. That the client goes is no fault: <see cref="IOException"/>.</summary>
    /// <param name="channel">The connection.</param>
    /// <param name="stop">The daemon ends.</param>
    Task RunAsync(ControlChannel channel, CancellationToken stop);
}

using LibMultipath.Disk;

namespace Mpathd.Serving;

/// <summary>Shows a head disk to its users, as a block device or over a network, for as long as it lives.</summary>
/// <remarks>Made live by whoever makes it. All members may be used on any thread.</remarks>
internal interface IDiskHost : IDisposable
{
    /// <summary>What it is called: a block device, such as <c>/dev/ublkb0</c>, or the URI of an export.</summary>
    string Name { get; }

    /// <summary>What users type to use it, a command line each; none for what is there once it is served.</summary>
    IReadOnlyList<string> Clients { get; }

    /// <summary>What to do when it does not go.</summary>
    string LastResort { get; }

    /// <summary>
    /// Completes when the device is served no more, whoever asked for that; with an exception when nobody did, and
    /// what served it failed.
    /// </summary>
    Task Ended { get; }

    /// <summary>Whether the device can follow when its disk changes its size.</summary>
    bool CanResize { get; }

    /// <summary>What its users have to do to see another size; null if nothing.</summary>
    string? WhenResized { get; }

    /// <summary>
    /// Waits until the device has followed the last change of the disk's size, or could not. Blocks for a bounded time.
    /// </summary>
    /// <returns>Whether the users of the device see the size that the disk has.</returns>
    bool FollowSize();

    /// <summary>Adds to a status how the device is now.</summary>
    ServiceStatus Describe(ServiceStatus status);

    /// <summary>
    /// Takes the device away: new I/O is refused, what is under way ends, and then there is no device any more. Blocks
    /// until then. A second call, or one for a device that is gone, does nothing.
    /// </summary>
    /// <param name="limit">How long I/O under way is waited for.</param>
    /// <exception cref="MpathdException">The device could not be taken away in time.</exception>
    void Stop(TimeSpan limit);

    /// <summary>
    /// Ends what serves the device, and leaves the device to the next daemon if it can be recovered: its users wait. As
    /// <see cref="Stop"/> if it cannot.
    /// </summary>
    /// <param name="limit">How long I/O under way is waited for.</param>
    /// <returns>If the device is still there, the command line that takes it over; null if it has gone.</returns>
    /// <exception cref="MpathdException">Neither could be done.</exception>
    string? Leave(TimeSpan limit);
}

/// <summary>Makes the host of a disk, and blocks until the device is there.</summary>
/// <param name="disk">The disk; its capacity and limits become the device's, and are followed when they change.</param>
/// <param name="identity">What its data is: a device that waits for a new daemon is taken over by one of the same data alone.</param>
/// <param name="options">How the device is wanted.</param>
/// <param name="cancellation">Gives up.</param>
/// <exception cref="MpathdException">The machine lacks something for it, or the device cannot be had.</exception>
/// <exception cref="OperationCanceledException">It was given up.</exception>
internal delegate IDiskHost DiskHostStart(MpathDisk disk, string identity, ServeOptions options, CancellationToken cancellation);

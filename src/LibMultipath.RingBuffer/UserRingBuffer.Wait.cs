using LibMultipath.Block;

namespace LibMultipath.RingBuffer;

// Waiting for records: asleep in the kernel until one is given up.
public sealed partial class UserRingBuffer
{
    /// <summary>Blocks until a drain has something to do or to say. For the one that drains.</summary>
    /// <param name="timeoutMilliseconds">How long to wait at most: 0 not at all, -1 for ever.</param>
    /// <param name="cancellationToken">Ends the wait, within a tenth of a second.</param>
    /// <returns>0; EINVAL for a time below -1; ETIMEDOUT.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed, perhaps meanwhile.</exception>
    public Errno Wait(int timeoutMilliseconds, CancellationToken cancellationToken = default) =>
        timeoutMilliseconds < Timeout.Infinite ? Errno.EINVAL
            : _records.Wait(0, timeoutMilliseconds, cancellationToken) ? Errno.None : Errno.ETIMEDOUT;

    /// <summary>As <see cref="Wait"/>, without a thread of the caller's.</summary>
    /// <param name="timeoutMilliseconds">How long to wait at most: 0 not at all, -1 for ever.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>0; EINVAL for a time below -1; ETIMEDOUT.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The ring was disposed, perhaps meanwhile.</exception>
    public async ValueTask<Errno> WaitAsync(int timeoutMilliseconds, CancellationToken cancellationToken = default) =>
        timeoutMilliseconds < Timeout.Infinite ? Errno.EINVAL
            : await _records.WaitAsync(0, timeoutMilliseconds, cancellationToken).ConfigureAwait(false) ? Errno.None : Errno.ETIMEDOUT;
}

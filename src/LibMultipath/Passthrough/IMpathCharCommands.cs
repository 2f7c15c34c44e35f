using LibMultipath.Paths;

namespace LibMultipath.Passthrough;

/// <summary>
/// For a template whose character device takes commands that complete later (the proposal's <c>chr_uring_cmd</c> and
/// <c>chr_uring_cmd_iopoll</c>).
/// </summary>
public interface IMpathCharCommands
{
    /// <summary>
    /// Starts a command on the path that was selected for it. It must not block; the path stays until the command has
    /// completed.
    /// </summary>
    /// <param name="path">The path.</param>
    /// <param name="command">The command.</param>
    /// <returns>What the command answers: from 0 upwards its own, below it an errno.</returns>
    ValueTask<int> StartCommand(MpathDevice path, MpathCharCommand command);

    /// <summary>Looks whether a command has completed, and completes it if so. Not every driver can.</summary>
    /// <param name="path">The path that has it.</param>
    /// <param name="command">The command.</param>
    /// <returns>How many were completed, or an errno below 0.</returns>
    int PollCommand(MpathDevice path, MpathCharCommand command) => -(int)Block.Errno.EOPNOTSUPP;
}

namespace LibMultipath.Paths;

/// <summary>What went through a path.</summary>
/// <param name="Io">The attempts that ended, well or not.</param>
/// <param name="InFlight">The attempts under way.</param>
/// <param name="Failovers">Attempts that ended in a failover (<c>multipath_failover_count</c>).</param>
/// <param name="Retries">Attempts that the path asked to have again (<c>command_retries_count</c>).</param>
/// <param name="Errors">Attempts whose bio ended with an error (<c>command_error_count</c>).</param>
public readonly record struct PathStatistics(IoStatistics Io, int InFlight, long Failovers, long Retries, long Errors);

namespace LibMultipath.Attributes;

/// <summary>What the attributes are called; mostly as in the kernel.</summary>
internal static class AttributeNames
{
    public const string IoPolicy = "iopolicy";
    public const string DelayedRemovalSecs = "delayed_removal_secs";
    public const string ReconnectDelay = "reconnect_delay";
    public const string FastIoFail = "fast_io_fail_tmo";
    public const string Loss = "ctrl_loss_tmo";
    public const string Diag = "diag";
    public const string RequeueNoUsablePathCount = "io_requeue_no_usable_path_count";
    public const string FailNoAvailablePathCount = "io_fail_no_available_path_count";
    public const string Multipath = "multipath";
    public const string Path = "path";
    public const string AccessState = "access_state";
    public const string QueueDepth = "queue_depth";
    public const string NumaNodes = "numa_nodes";
    public const string Weight = "weight";
    public const string LatencyNs = "latency_ns";
    public const string FailoverCount = "multipath_failover_count";
    public const string RetriesCount = "command_retries_count";
    public const string ErrorCount = "command_error_count";
}

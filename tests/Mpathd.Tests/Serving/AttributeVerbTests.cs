using LibMultipath.Block;
using Mpathd.Control;
using Mpathd.Serving;
using Mpathd.Tests.Kit;

namespace Mpathd.Tests.Serving;

public sealed class AttributeVerbTests
{
    [Theory]
    [InlineData("iopolicy", "numa")]
    [InlineData("delayed_removal_secs", "0")]
    [InlineData("diag/io_requeue_no_usable_path_count", "0")]
    [InlineData("path/1/access_state", "optimized")]
    [InlineData("path/1/queue_depth", "")]
    [InlineData("multipath/null1/access_state", "optimized")]
    [InlineData("multipath/null1/diag/multipath_failover_count", "0")]
    public async Task An_attribute_is_read_by_its_name(string name, string value)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        AttributeStatus attribute = await GetAsync(daemon, name);
        Assert.Equal((name, value), (attribute.Name, attribute.Value));
    }

    [Fact]
    public async Task An_attribute_follows_what_the_other_verbs_do()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathSetState, Path = "1", State = "inaccessible" });
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.Policy, Policy = "queue-depth" });
        Assert.Equal("inaccessible", (await GetAsync(daemon, "path/1/access_state")).Value);
        Assert.Equal("queue-depth", (await GetAsync(daemon, "iopolicy")).Value);
        Assert.Equal("0", (await GetAsync(daemon, "path/1/queue_depth")).Value);
        Assert.Equal("", (await GetAsync(daemon, "path/1/numa_nodes")).Value);
    }

    [Theory]
    [InlineData("iopolicy", "round-robin", "round-robin")]
    [InlineData("delayed_removal_secs", "0x10", "16")]
    [InlineData("diag/io_fail_no_available_path_count", "0", "0")]
    [InlineData("path/0/diag/command_error_count", "7", "7")]
    public async Task What_is_set_is_said_and_read_again(string name, string value, string shown)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        Assert.Equal($"{name}: {shown}", await daemon.DoAsync(Set(name, value)));
        Assert.Equal(new AttributeStatus { Name = name, Value = shown, Writable = true }, await GetAsync(daemon, name));
    }

    [Fact]
    public async Task The_status_tells_what_was_set()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        await daemon.DoAsync(Set("iopolicy", "round-robin"));
        await daemon.DoAsync(Set("delayed_removal_secs", "30"));
        await daemon.DoAsync(Set("path/0/diag/command_retries_count", "3"));
        ServiceStatus status = await daemon.StatusAsync();
        Assert.Equal(("round-robin", 30u, 3), (status.Policy, status.DelayedRemovalSecs, status.Paths[0].Retries));
    }

    [Theory]
    [InlineData("iopolicy", "fast", "iopolicy does not take 'fast': give one of numa, round-robin, queue-depth, service-time, historical-service-time, io-affinity, weighted-round-robin, stripe, latency (EINVAL)", "mpathd get iopolicy shows what it is")]
    [InlineData("delayed_removal_secs", "-1", "delayed_removal_secs does not take '-1': give a number of seconds from 0, which ends the waiting, to 4294967 (EINVAL)", "mpathd get delayed_removal_secs shows what it is")]
    [InlineData("path/0/access_state", "optimized", "access_state can be read, not written (EACCES)", "mpathd set --help says what can be set")]
    [InlineData("diag", "0", "diag is a group; in it there are io_requeue_no_usable_path_count, io_fail_no_available_path_count (EISDIR)", "mpathd status --tree shows what there is")]
    [InlineData("path/7/access_state", "0", "there is no attribute 'path/7/access_state'; in path there are 0 (ENOENT)", "mpathd status --tree shows what there is")]
    public async Task What_cannot_be_set_is_told_with_what_can_and_changes_nothing(string name, string value, string problem, string remedy)
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        AttributeStatus[] before = await TreeAsync(daemon);
        MpathdException refused = await daemon.RefusedAsync(Set(name, value));
        Assert.Equal((ExitCode.WrongArguments, problem, remedy), (refused.Code, refused.Message, refused.Remedy));
        Assert.Equal(before, await TreeAsync(daemon));
    }

    [Fact]
    public async Task A_request_to_set_that_has_no_value_is_told_so()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        MpathdException refused = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.Set, Name = "iopolicy" });
        Assert.Equal((ExitCode.WrongArguments, "the request has no value"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task Only_who_asks_for_the_tree_gets_it()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        Assert.Null((await daemon.StatusAsync()).Attributes);
        AttributeStatus[] tree = await TreeAsync(daemon);
        Assert.Contains(new AttributeStatus { Name = "iopolicy", Value = "numa", Writable = true }, tree);
        Assert.Contains(new AttributeStatus { Name = "path/0/access_state", Value = "optimized" }, tree);
        Assert.Contains(new AttributeStatus { Name = "multipath/null0", Link = "path/0" }, tree);
    }

    [Fact]
    public async Task The_paths_of_the_tree_have_the_numbers_and_names_of_the_status()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(2);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathRemove, Path = "0" });
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = "null:size=1M" });
        Assert.Equal(
            (await daemon.StatusAsync()).Paths.Select(path => ($"multipath/{path.Name}", $"path/{path.Number}")),
            (await TreeAsync(daemon)).Where(attribute => attribute.Link is not null).Select(attribute => (attribute.Name, attribute.Link!)));
    }

    [Fact]
    public async Task A_loop_path_shows_its_file_as_the_kernels_loop_device_does()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfLoop(1, 1 << 20);
        Assert.Equal(daemon.Folder.File("disk.img"), (await GetAsync(daemon, "path/0/loop/backing_file")).Value);
        Assert.Equal("0", (await GetAsync(daemon, "path/0/loop/dio")).Value);
        Assert.Equal(ExitCode.WrongArguments, (await daemon.RefusedAsync(Set("path/0/loop/backing_file", "/dev/null"))).Code);
    }

    [Fact]
    public async Task F18_a_path_of_a_driver_without_attributes_shows_the_librarys()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        Assert.DoesNotContain(await TreeAsync(daemon), attribute => attribute.Error is not null || attribute.Name.StartsWith("path/0/loop", StringComparison.Ordinal));
        Assert.Equal(ExitCode.WrongArguments, (await daemon.RefusedAsync(Get("path/0/loop/backing_file"))).Code);
    }

    [Fact]
    public async Task With_a_removal_delay_that_was_set_io_waits_for_the_next_path()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1);
        var remove = new ControlRequest { Verb = ControlVerbs.PathRemove, Path = "0" };
        Assert.Contains("mpathd set delayed_removal_secs", (await daemon.RefusedAsync(remove)).Remedy);
        await daemon.DoAsync(Set("delayed_removal_secs", "600"));
        await daemon.DoAsync(remove);
        using var bio = Bio.Rent(BioOp.Read, 0, new byte[4096]);
        Task<BlockStatus> io = daemon.Host.Disk.SubmitAsync(bio).AsTask();
        await Eventually.TrueAsync(() => daemon.Host.Disk.WaitingCount == 1, "the I/O to wait");
        // Once more where the work that the removal has left behind looks at it again.
        Assert.NotEqual("0", (await GetAsync(daemon, "diag/io_requeue_no_usable_path_count")).Value);
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathAdd, Spec = "null:size=1M" });
        Assert.Equal(BlockStatus.Ok, await io.WaitAsync(Eventually.Limit));
    }

    [Fact]
    public async Task With_the_delay_set_to_0_the_last_path_is_kept_although_the_daemon_was_started_with_one()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1, options => options with { DelayedRemovalSecs = 600 });
        await daemon.DoAsync(Set("delayed_removal_secs", "0"));
        MpathdException refused = await daemon.RefusedAsync(new ControlRequest { Verb = ControlVerbs.PathRemove, Path = "0" });
        Assert.Contains("the last path, and the disk would go with it", refused.Message);
        Assert.Equal("live", (await daemon.StatusAsync()).State);
    }

    [Fact]
    public async Task A_delay_of_0_ends_the_wait_for_a_path_and_the_daemon()
    {
        await using RunningDaemon daemon = await RunningDaemon.OfNull(1, options => options with { DelayedRemovalSecs = 600 });
        await daemon.DoAsync(new ControlRequest { Verb = ControlVerbs.PathRemove, Path = "0" });
        await daemon.DoAsync(Set("delayed_removal_secs", "0"));
        Assert.Equal(ExitCode.Failed, await daemon.EndAsync());
        Assert.Contains("its last path was removed", daemon.Output);
    }

    private static ControlRequest Get(string name) => new() { Verb = ControlVerbs.Get, Name = name };

    private static ControlRequest Set(string name, string value) => new() { Verb = ControlVerbs.Set, Name = name, Value = value };

    private static async Task<AttributeStatus> GetAsync(RunningDaemon daemon, string name) => (await daemon.Client.AskAsync(Get(name))).Attribute!;

    private static async Task<AttributeStatus[]> TreeAsync(RunningDaemon daemon) =>
        (await daemon.Client.AskAsync(new ControlRequest { Verb = ControlVerbs.Status, Tree = true })).Status!.Attributes!;
}

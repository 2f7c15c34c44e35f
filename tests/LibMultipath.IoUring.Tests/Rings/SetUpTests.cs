using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Rings;

/// <summary>How a ring is asked for, what is done without on an older kernel, and what is said when there can be none.</summary>
public sealed class SetUpTests
{
    private const RingSetup Linux511 = RingSetup.CqSize | RingSetup.Clamp | RingSetup.Disabled;
    private const RingSetup Linux518 = Linux511 | RingSetup.SubmitAll;
    private const RingSetup Linux519 = Linux518 | RingSetup.CoopTaskRun | RingSetup.TaskRunFlag | RingSetup.Sqe128 | RingSetup.Cqe32;
    private const RingSetup Linux60 = Linux519 | RingSetup.SingleIssuer;
    private const RingSetup Linux61 = Linux60 | RingSetup.DeferTaskRun;
    private const RingSetup Linux66 = Linux61 | RingSetup.NoSqArray;

    public static TheoryData<RingSetup, bool, RingSetup> Kernels => new()
    {
        { Linux66, true, RingSetup.NoSqArray | RingSetup.SingleIssuer | RingSetup.DeferTaskRun | RingSetup.TaskRunFlag | RingSetup.SubmitAll },
        { Linux61, true, RingSetup.SingleIssuer | RingSetup.DeferTaskRun | RingSetup.TaskRunFlag | RingSetup.SubmitAll },
        { Linux60, true, RingSetup.SingleIssuer | RingSetup.CoopTaskRun | RingSetup.TaskRunFlag | RingSetup.SubmitAll },
        { Linux519, true, RingSetup.CoopTaskRun | RingSetup.TaskRunFlag | RingSetup.SubmitAll },
        { Linux518, true, RingSetup.SubmitAll },
        { Linux511, true, RingSetup.None },
        { Linux66, false, RingSetup.NoSqArray | RingSetup.CoopTaskRun | RingSetup.TaskRunFlag | RingSetup.SubmitAll },
        { Linux519, false, RingSetup.CoopTaskRun | RingSetup.TaskRunFlag | RingSetup.SubmitAll },
        { Linux511, false, RingSetup.None },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_kernel_gives_the_best_ring_that_it_knows_and_it_works(RingSetup knows, bool singleIssuer, RingSetup best)
    {
        var system = new StubSystem { Knows = knows };
        using Ring ring = Ring.Create(new RingOptions { SingleIssuer = singleIssuer, Entries = 4 }, system);
        ring.Enable();
        Assert.Equal(best, ring.Setup & ~(RingSetup.Clamp | RingSetup.Disabled));
        for (ulong i = 0; i < 20; i++)
        {
            ring.GetSqe(i).PrepNop();
            Assert.Equal(new RingCompletion(i, 0, CqeFlags.None), ring.Next());
        }
    }

    [Fact]
    public void A_large_ring_is_made_on_the_first_kernel_that_has_one_and_refused_with_a_reason_before()
    {
        var options = new RingOptions { LargeSubmissions = true, LargeCompletions = true };
        using Ring ring = Ring.Create(options, new StubSystem { Knows = Linux519 });
        Assert.Equal(RingSetup.Sqe128 | RingSetup.Cqe32, ring.Setup & (RingSetup.Sqe128 | RingSetup.Cqe32));

        RingException refusal = Assert.Throws<RingException>(() => Ring.Create(options, new StubSystem { Knows = Linux518 }));
        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.Contains("5.19", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_kernel_gives_a_ring_at_the_first_try()
    {
        var system = new StubSystem();
        using Ring ring = Ring.Create(null, system);
        Assert.Single(system.Asked);
        Assert.Equal(system.Asked[0], ring.Setup);
        Assert.Equal(128, ring.SubmissionEntries);
        Assert.Equal(256, ring.CompletionEntries);
        Assert.True(ring.Features.HasFlag(RingFeatures.NoDrop));
    }

    [Theory]
    [InlineData(1, 0, 1, 2)]
    [InlineData(5, 0, 8, 16)]
    [InlineData(4, 100, 4, 128)]
    [InlineData(32768, 0, 32768, 65536)]
    public void Sizes_are_rounded_up_to_powers_of_two(int entries, int completions, int submissionEntries, int completionEntries)
    {
        using Ring ring = Ring.Create(new RingOptions { Entries = entries, CompletionEntries = completions });
        Assert.Equal(submissionEntries, ring.SubmissionEntries);
        Assert.Equal(completionEntries, ring.CompletionEntries);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(32769, 0)]
    [InlineData(8, 4)]
    [InlineData(8, -1)]
    public void Sizes_out_of_range_are_refused_before_the_kernel_is_asked(int entries, int completions)
    {
        var system = new StubSystem();
        Assert.Throws<ArgumentOutOfRangeException>(() => Ring.Create(new RingOptions { Entries = entries, CompletionEntries = completions }, system));
        Assert.Empty(system.Asked);
    }

    [Theory]
    [InlineData(Errno.ENOSYS, "0", "CONFIG_IO_URING")]
    [InlineData(Errno.EPERM, "2", "kernel.io_uring_disabled=0")]
    [InlineData(Errno.EPERM, "1", "kernel.io_uring_group")]
    [InlineData(Errno.EPERM, "0", "seccomp")]
    [InlineData(Errno.EPERM, "", "seccomp")]
    [InlineData(Errno.EACCES, "0", "security module")]
    [InlineData(Errno.ENOMEM, "0", "ulimit -l")]
    [InlineData(Errno.EMFILE, "0", "ulimit -n")]
    [InlineData(Errno.ENFILE, "0", "fs.file-max")]
    public void Whatever_forbids_a_ring_is_said_with_what_to_do(Errno error, string disabled, string remedy)
    {
        var system = new StubSystem { Fails = error, Disabled = disabled };
        RingException refusal = Assert.Throws<RingException>(() => Ring.Create(null, system));
        Assert.Equal(error, refusal.Errno);
        Assert.Contains("io_uring_setup", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(error.ToString(), refusal.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, refusal.Remedy, StringComparison.Ordinal);
        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
        Assert.Single(system.Asked);
    }

    [Fact]
    public void Disabled_for_everybody_and_disabled_for_some_are_not_the_same_message()
    {
        string everybody = Assert.Throws<RingException>(() => Ring.Create(null, new StubSystem { Fails = Errno.EPERM, Disabled = "2" })).Message;
        string some = Assert.Throws<RingException>(() => Ring.Create(null, new StubSystem { Fails = Errno.EPERM, Disabled = "1" })).Message;
        Assert.Contains("for everybody", everybody, StringComparison.Ordinal);
        Assert.Contains("not privileged", some, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RingFeatures.ExtArg)]
    [InlineData(RingFeatures.NoDrop)]
    public void A_kernel_that_lacks_what_is_needed_is_refused_and_leaves_nothing_open(RingFeatures lacks)
    {
        int before = Open.Descriptors;
        RingException refusal = Assert.Throws<RingException>(() => Ring.Create(null, new StubSystem { Lacks = lacks }));
        Assert.Equal(Errno.EOPNOTSUPP, refusal.Errno);
        Assert.Contains(lacks.ToString(), refusal.Message, StringComparison.Ordinal);
        Assert.Contains("5.11", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(before, Open.Descriptors);
    }
}

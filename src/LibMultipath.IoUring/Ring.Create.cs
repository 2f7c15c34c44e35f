using LibMultipath.Block;
using LibMultipath.IoUring.Abi;
using LibMultipath.IoUring.Interop;

namespace LibMultipath.IoUring;

// How a ring is made, and what is said when it cannot be.
public sealed unsafe partial class Ring
{
    private const int MostEntries = 32768;
    private const RingFeatures Needed = RingFeatures.SingleMmap | RingFeatures.NoDrop | RingFeatures.SubmitStable | RingFeatures.ExtArg;

    // What makes a ring faster and can be done without, the newest first: an old kernel refuses what it does not know.
    private static readonly RingSetup[] s_dispensable =
    [
        RingSetup.NoSqArray,
        RingSetup.DeferTaskRun,
        RingSetup.SingleIssuer,
        RingSetup.CoopTaskRun | RingSetup.TaskRunFlag,
        RingSetup.SubmitAll,
    ];

    /// <summary>Makes a ring.</summary>
    /// <param name="options">How it is; null for the defaults.</param>
    /// <exception cref="RingException">There is no io_uring, it is disabled, not permitted or too old, or resources are short; the message says what to do.</exception>
    public static Ring Create(RingOptions? options = null) => Create(options, RingSystem.Here);

    internal static Ring Create(RingOptions? options, RingSystem system)
    {
        options ??= new RingOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Entries, 1, nameof(options.Entries));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Entries, MostEntries, nameof(options.Entries));
        if (options.CompletionEntries != 0)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(options.CompletionEntries, options.Entries, nameof(options.CompletionEntries));
        }

        io_uring_params made;
        var handle = new RingHandle(SetUp(options, system, &made));
        MappedMemory? rings = null;
        try
        {
            if ((made.features & Needed) != Needed)
            {
                throw new RingException(Errno.EOPNOTSUPP, $"making a ring: this kernel's io_uring lacks {Needed & ~made.features}", "Linux 5.11 or newer is needed");
            }

            nuint cqeSize = (made.flags & RingSetup.Cqe32) != 0 ? 32u : 16u;
            nuint sqeSize = (made.flags & RingSetup.Sqe128) != 0 ? 128u : 64u;
            nuint ringBytes = Math.Max(
                made.sq_off.array + (made.sq_entries * sizeof(uint)),
                made.cq_off.cqes + (made.cq_entries * cqeSize));
            rings = MappedMemory.OfFile(handle, 0, ringBytes, writable: true);
            MappedMemory entries = MappedMemory.OfFile(handle, 0x10000000, made.sq_entries * sqeSize, writable: true);
            return new Ring(system, handle, rings, entries, made);
        }
        catch
        {
            rings?.Dispose();
            handle.Dispose();
            throw;
        }
    }

    private static int SetUp(RingOptions options, RingSystem system, io_uring_params* made)
    {
        RingSetup asked = RingSetup.Clamp | RingSetup.SubmitAll | RingSetup.NoSqArray
            | (options.CompletionEntries != 0 ? RingSetup.CqSize : 0)
            | (options.LargeSubmissions ? RingSetup.Sqe128 : 0)
            | (options.LargeCompletions ? RingSetup.Cqe32 : 0)
            | (options.SingleIssuer
                ? RingSetup.Disabled | RingSetup.SingleIssuer | RingSetup.DeferTaskRun | RingSetup.TaskRunFlag
                : RingSetup.CoopTaskRun | RingSetup.TaskRunFlag);
        int next = 0;
        while (true)
        {
            *made = new io_uring_params { flags = asked, cq_entries = (uint)options.CompletionEntries };
            int descriptor = system.Setup((uint)options.Entries, made);
            if (descriptor >= 0)
            {
                return descriptor;
            }

            Errno error = Libc.LastError;
            while (error == Errno.EINVAL && next < s_dispensable.Length && (asked & s_dispensable[next]) == 0)
            {
                next++;
            }

            if (error != Errno.EINVAL || next == s_dispensable.Length)
            {
                throw CannotMake(error, options, system);
            }

            asked &= ~s_dispensable[next++];
            if ((asked & RingSetup.DeferTaskRun) == 0 && options.SingleIssuer)
            {
                // Without it the flag needs the older way, which is the next best thing.
                asked |= (asked & RingSetup.TaskRunFlag) != 0 ? RingSetup.CoopTaskRun : 0;
            }
        }
    }

    private static RingException CannotMake(Errno error, RingOptions options, RingSystem system)
    {
        string? remedy = error switch
        {
            Errno.ENOSYS => "the kernel has no io_uring: use Linux 5.11 or newer with CONFIG_IO_URING=y",
            Errno.EPERM or Errno.EACCES => WhyForbidden(system),
            Errno.ENOMEM => "the limit of locked memory is too small or memory is short: raise it with ulimit -l or LimitMEMLOCK=",
            Errno.EINVAL when options.LargeSubmissions || options.LargeCompletions => "128-byte submissions and 32-byte completions need Linux 5.19 or newer",
            _ => RingException.ForDescriptors(error),
        };
        return new RingException(error, "making a ring (io_uring_setup)", remedy);
    }

    private static string WhyForbidden(RingSystem system) =>
        system.ReadSetting("/proc/sys/kernel/io_uring_disabled") switch
        {
            "2" => "io_uring is disabled for everybody: sysctl -w kernel.io_uring_disabled=0",
            "1" => "io_uring is disabled for who is not privileged: run as root, join the group that kernel.io_uring_group names, or sysctl -w kernel.io_uring_disabled=0",
            _ => "a seccomp filter or security module forbids io_uring: allow it for this container or service",
        };
}

using LibMultipath.IoUring.Abi;
using LibMultipath.Tests.Kit;

namespace LibMultipath.IoUring.Tests.Kit;

internal static class RingExtensions
{
    /// <summary>A ring that the calling thread may use at once.</summary>
    public static Ring MakeRing(RingOptions? options = null)
    {
        Ring ring = Ring.Create(options);
        ring.Enable();
        return ring;
    }

    /// <summary>The next submission, with a number.</summary>
    public static ref io_uring_sqe GetSqe(this Ring ring, ulong userData)
    {
        ref io_uring_sqe sqe = ref ring.GetSqe();
        sqe.user_data = userData;
        return ref sqe;
    }

    /// <summary>Submits, and waits for the next completion.</summary>
    public static RingCompletion Next(this Ring ring)
    {
        Assert.True(ring.SubmitAndWait(1, Eventually.Limit), "No completion came.");
        Assert.True(ring.TryGetCompletion(out RingCompletion completion));
        return completion;
    }

    /// <summary>Submits, and waits for so many completions; by their numbers.</summary>
    public static Dictionary<ulong, RingCompletion> Next(this Ring ring, int count)
    {
        var completions = new Dictionary<ulong, RingCompletion>();
        for (int i = 0; i < count; i++)
        {
            RingCompletion completion = ring.Next();
            completions.Add(completion.UserData, completion);
        }

        return completions;
    }
}

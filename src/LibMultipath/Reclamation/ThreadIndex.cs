namespace LibMultipath.Reclamation;

/// <summary>
/// Gives each thread that asks a small number of its own, from 1 upwards: the place of its slot in
/// every <see cref="PerThreadSlots"/> of the process.
/// </summary>
/// <remarks>
/// <para>
/// The number belongs to the thread until the thread is gone, and is then given to another. The
/// counts that the dead thread left in its slots stay there and stay valid, because only their sum
/// over all slots has a meaning; the next owner goes on counting from where they stand.
/// </para>
/// <para>
/// A dead thread is noticed by the finalizer of an object that only its thread-static storage held.
/// That the finalizer runs late, or never, costs numbers (and so slots), never correctness. That it
/// ran at all means that a collection has found the storage gone, which orders every store of the
/// dead thread before every store of the next owner.
/// </para>
/// </remarks>
internal static class ThreadIndex
{
    /// <summary>The calling thread's number; 0, which is nobody's, until <see cref="Ensure"/> has run on it.</summary>
    /// <remarks>A bare thread-static integer, so that the JIT reads it inline without a call.</remarks>
    [ThreadStatic]
    internal static int s_current;

    [ThreadStatic]
    private static Holder? s_holder;

    /// <summary>Returns the calling thread's number, and takes one for it at the first call.</summary>
    /// <exception cref="OutOfMemoryException">There is no memory to take one; nothing has changed.</exception>
    internal static int Ensure()
    {
        if (s_current == 0)
        {
            Holder holder = new();
            holder.Index = Pool.Take();
            s_holder = holder;
            s_current = holder.Index;
        }
        return s_current;
    }

    /// <summary>The numbers that are free. Apart from the thread-statics, which must not need a static constructor.</summary>
    private static class Pool
    {
        private static readonly Lock s_gate = new();
        private static readonly Stack<int> s_free = new();
        private static int s_last;

        internal static int Take()
        {
            lock (s_gate)
            {
                if (s_free.TryPop(out int index))
                {
                    return index;
                }
                // Room for every number to come back, now: the finalizer must not have to allocate.
                s_free.EnsureCapacity(s_last + 1);
                return ++s_last;
            }
        }

        internal static void Return(int index)
        {
            lock (s_gate)
            {
                s_free.Push(index);
            }
        }
    }

    private sealed class Holder
    {
        /// <summary>The number to give back; 0 when there was no memory to take one.</summary>
        internal int Index { get; set; }

        ~Holder()
        {
            if (Index != 0)
            {
                Pool.Return(Index);
            }
        }
    }
}

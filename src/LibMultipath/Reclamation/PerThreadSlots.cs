using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LibMultipath.Reclamation;

/// <summary>
/// One <see cref="PerThreadSlot"/> for each thread that uses the object: the owner counts in it with
/// plain stores, anybody sums over all of them.
/// </summary>
/// <remarks>
/// <para>
/// A slot is found through the directory, an array of slot addresses indexed by
/// <see cref="ThreadIndex"/>. So there is no table per thread that objects would have to be removed
/// from: an object that is gone takes its directory with it, and nothing stale can be left anywhere.
/// Slots are append-only while the object lives. The directory is copied when it grows; the slots it
/// points to never move, and each thread looks only at its own entry, so an old copy serves too.
/// </para>
/// <para>
/// A thread that cannot get a slot (no memory, or beyond the maximum) uses the <see cref="Overflow"/>
/// slot, which is shared and must be changed with interlocked instructions only.
/// </para>
/// <para>
/// The native memory is freed by the finalizer and by nothing else: then no thread can be between
/// looking up its slot and writing to it, provided that the writer ends with
/// <see cref="GC.KeepAlive(object?)"/> on this object, which costs no instruction. A finalizer of
/// another object that still calls in afterwards finds an empty directory and is told so.
/// </para>
/// </remarks>
internal abstract unsafe class PerThreadSlots
{
    private readonly Lock _registration = new();
    private readonly int _maximum;
    private nint[] _directory = [];
    private PerThreadSlot* _overflow;

    /// <param name="maximum">Threads whose <see cref="ThreadIndex"/> is greater share the overflow slot.</param>
    private protected PerThreadSlots(int maximum = int.MaxValue)
    {
        _maximum = maximum;
        _overflow = Allocate();
    }

    ~PerThreadSlots()
    {
        nint[] directory = _directory;
        _directory = [];
        foreach (nint slot in directory)
        {
            NativeMemory.AlignedFree((void*)slot);
        }
        NativeMemory.AlignedFree(_overflow);
        _overflow = null;
    }

    /// <summary>The shared slot. Interlocked instructions only.</summary>
    private protected PerThreadSlot* Overflow
    {
        get
        {
            ObjectDisposedException.ThrowIf(_overflow is null, this);
            return _overflow;
        }
    }

    /// <summary>Finds the calling thread's slot; false when it has none yet: then <see cref="Register"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected bool TryFind(out PerThreadSlot* slot)
    {
        // A thread without a number has 0, and entry 0 is never set: one test covers a thread that is
        // new to the process and one that is new to this object.
        nint[] directory = _directory;
        uint index = (uint)ThreadIndex.s_current;
        if (index < (uint)directory.Length)
        {
            slot = (PerThreadSlot*)directory[index];
            return slot is not null;
        }
        slot = null;
        return false;
    }

    /// <summary>Gives the calling thread a slot; null when it has to use <see cref="Overflow"/>.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private protected PerThreadSlot* Register()
    {
        ObjectDisposedException.ThrowIf(_overflow is null, this);
        try
        {
            int index = ThreadIndex.Ensure();
            return index <= _maximum ? Append(index) : null;
        }
        catch (OutOfMemoryException)
        {
            // The end of a section may be a thread's first call here, and must not fail: the
            // overflow slot was allocated with the object for this case.
            return null;
        }
    }

    private PerThreadSlot* Append(int index)
    {
        lock (_registration)
        {
            nint[] directory = _directory;
            if (index >= directory.Length)
            {
                nint[] larger = new nint[Math.Max(index + 1, Math.Min(2 * directory.Length, Array.MaxLength))];
                directory.CopyTo(larger, 0);
                Volatile.Write(ref _directory, larger);
                directory = larger;
            }
            if (directory[index] == 0)
            {
                Volatile.Write(ref directory[index], (nint)Allocate());
            }
            return (PerThreadSlot*)directory[index];
        }
    }

    /// <summary>
    /// The sum of one word over all slots that exist now, the overflow slot included. Each slot is
    /// read with an acquiring load.
    /// </summary>
    private protected long SumWord(int word)
    {
        long sum = Volatile.Read(ref Overflow->Words[word]);
        nint[] directory = Volatile.Read(ref _directory);
        for (int i = 0; i < directory.Length; i++)
        {
            PerThreadSlot* slot = (PerThreadSlot*)Volatile.Read(ref directory[i]);
            if (slot is not null)
            {
                sum += Volatile.Read(ref slot->Words[word]);
            }
        }
        GC.KeepAlive(this);
        return sum;
    }

    /// <summary>The addresses of the slots that exist now, the overflow slot first: for the layout's test.</summary>
    internal nint[] SlotAddresses()
        => [(nint)Overflow, .. Volatile.Read(ref _directory).Where(static slot => slot != 0)];

    private static PerThreadSlot* Allocate()
    {
        void* memory = NativeMemory.AlignedAlloc(PerThreadSlot.Size, PerThreadSlot.Size);
        NativeMemory.Clear(memory, PerThreadSlot.Size);
        return (PerThreadSlot*)memory;
    }
}

using System.Numerics;
using LibMultipath.Block;
using LibMultipath.RingBuffer.Interop;
using Microsoft.Win32.SafeHandles;

namespace LibMultipath.RingBuffer;

/// <summary>
/// The memory of a ring as files: two objects, so that one can be read-only to the producer. A side that is there has the
/// lock of the one that it writes, on a descriptor that nobody shares. The kernel gives the lock back when the process
/// ends, after its memory is gone: none of its threads writes any more then.
/// </summary>
internal static class RingFiles
{
    /// <summary>Makes the memory, sealed.</summary>
    /// <param name="least">Of the data, in bytes.</param>
    /// <param name="size">What that is rounded up to.</param>
    public static UserRingDescriptors Create(int least, out int size)
    {
        int page = Environment.SystemPageSize;
        size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(least, page));
        SafeFileHandle consumerPage = CreateSealed("ring-consumer", page, keepToOwner: true);
        try
        {
            return new UserRingDescriptors(consumerPage, CreateSealed("ring-data", page + (long)size, keepToOwner: false));
        }
        catch (UserRingException)
        {
            consumerPage.Dispose();
            throw;
        }
    }

    /// <summary>Throws if these are not the descriptors of a ring, with EINVAL and what is wrong with them.</summary>
    /// <returns>Of the data, in bytes.</returns>
    public static int Check(UserRingDescriptors descriptors, bool asConsumer)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        int page = Environment.SystemPageSize;
        long length = CheckSealed(descriptors.ConsumerPage, "consumer's page");
        if (length != page)
        {
            throw Wrong($"the consumer's page has {length} bytes", $"it must have {page}: is it the other descriptor?");
        }

        long size = CheckSealed(descriptors.Data, "data") - page;
        if (size < page || size > UserRingBuffer.MaxSize || !BitOperations.IsPow2(size))
        {
            throw Wrong($"the data has {size} bytes after its first page", "that is not a power of two of pages");
        }

        if (!Libc.IsWritable(descriptors.Data))
        {
            throw Wrong("the data is read-only", "both sides write there");
        }

        if (asConsumer && !Libc.IsWritable(descriptors.ConsumerPage))
        {
            throw Wrong("the consumer's page is read-only", $"these are a producer's; take those of {nameof(UserRingBuffer)}.{nameof(UserRingBuffer.DescriptorsForConsumer)}");
        }

        return (int)size;
    }

    /// <summary>A descriptor of one's own, and so with a lock of its own: one that was passed on or copied shares its lock.</summary>
    public static SafeFileHandle Reopen(SafeFileHandle file, bool writable)
    {
        Errno error = Libc.Reopen(file, writable, out SafeFileHandle reopened);
        UserRingException.ThrowIf(error, "opening the memory of a ring once more");
        return reopened;
    }

    /// <summary>Takes the lock of a side, or throws EBUSY.</summary>
    public static void Lock(SafeFileHandle file, string side)
    {
        Errno error = Libc.Lock(file);
        if (error is Errno.EAGAIN or Errno.EACCES)
        {
            throw new UserRingException(Errno.EBUSY, $"opening a ring as its {side}", $"it has a {side}: one at a time");
        }

        UserRingException.ThrowIf(error, $"locking a ring as its {side}");
    }

    public static UserRingException Wrong(string what, string remedy) => new(Errno.EINVAL, $"opening a ring: {what}", remedy);

    private static SafeFileHandle CreateSealed(string name, long length, bool keepToOwner)
    {
        Errno error = Libc.CreateMemory(name, length, out SafeFileHandle file);
        if (error == Errno.None && keepToOwner)
        {
            error = Libc.KeepToOwner(file);
        }

        if (error == Errno.None)
        {
            error = Libc.Seal(file);
        }

        if (error != Errno.None)
        {
            file.Dispose();
        }

        UserRingException.ThrowIf(error, $"making the memory of a ring ({length} bytes)");
        return file;
    }

    private static long CheckSealed(SafeFileHandle file, string what)
    {
        if (Libc.SealsOf(file, out int seals) != Errno.None)
        {
            throw Wrong($"the descriptor of the {what} is not one of memory", $"take those of {nameof(UserRingBuffer)}.{nameof(UserRingBuffer.DescriptorsForProducer)}");
        }

        return (seals & Libc.Seals) == Libc.Seals
            ? Libc.LengthOf(file)
            : throw Wrong($"the memory of the {what} is not sealed against shrinking and growing (its seals are 0x{seals:x})", "whoever holds it could take it away");
    }
}

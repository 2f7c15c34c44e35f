namespace LoopDriver;

/// <summary>A run of memory as the kernel wants it (<c>struct iovec</c>).</summary>
internal unsafe struct IoVector
{
    public byte* Start;
    public nint Length;

    /// <summary>Takes bytes that are done off the front.</summary>
    /// <param name="first">The first run.</param>
    /// <param name="end">Behind the last one.</param>
    /// <param name="bytes">At most as many as the runs have.</param>
    /// <returns>The run that now is the first; <paramref name="end"/> if none is left.</returns>
    public static IoVector* Skip(IoVector* first, IoVector* end, nint bytes)
    {
        for (; first < end && bytes >= first->Length; first++)
        {
            bytes -= first->Length;
        }

        if (bytes > 0)
        {
            first->Start += bytes;
            first->Length -= bytes;
        }

        return first;
    }
}

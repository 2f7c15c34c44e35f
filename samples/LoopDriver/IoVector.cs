namespace LoopDriver;

/// <summary>A run of memory as the kernel wants it (<c>struct iovec</c>).</summary>
internal unsafe struct IoVector
{
    public byte* Start;
    public nint Length;
}

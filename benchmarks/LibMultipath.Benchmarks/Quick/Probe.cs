namespace LibMultipath.Benchmarks.Quick;

/// <summary>Something that can be timed, by name.</summary>
internal abstract class Probe(string name)
{
    /// <summary>What the reports call it.</summary>
    public string Name { get; } = name;

    /// <summary>Does it a number of times.</summary>
    /// <param name="count">How often; at least 1.</param>
    /// <returns>Nanoseconds for one.</returns>
    public abstract double Run(int count);

    /// <summary>The bytes that this process, or the thread that runs the probe, has allocated so far.</summary>
    public virtual long AllocatedBytes => GC.GetAllocatedBytesForCurrentThread();

    /// <summary>Throws if what was measured is not what was meant to be.</summary>
    public virtual void Check()
    {
    }
}

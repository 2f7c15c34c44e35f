namespace LibMultipath.Tests.Reclamation;

/// <summary>A test of what two processors do at the same time.</summary>
internal sealed class TwoCpusFactAttribute : FactAttribute
{
    public TwoCpusFactAttribute()
    {
        if (Environment.ProcessorCount < 2)
        {
            Skip = "Needs two processors; this process has one.";
        }
    }
}

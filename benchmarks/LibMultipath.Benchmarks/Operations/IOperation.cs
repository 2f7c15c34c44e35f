namespace LibMultipath.Benchmarks.Operations;

/// <summary>What is measured, as a value type, so that the loop around it is compiled for it and nothing is called in between.</summary>
internal interface IOperation
{
    void Invoke();
}

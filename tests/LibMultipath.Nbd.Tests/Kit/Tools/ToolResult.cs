namespace LibMultipath.Nbd.Tests.Kit.Tools;

/// <summary>A program that has ended.</summary>
/// <param name="Line">How it was called.</param>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it printed as errors.</param>
internal sealed record ToolResult(string Line, int ExitCode, string Output, string Errors)
{
    /// <summary>What it printed; the test fails with all of it if the program did.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, ToString());
        return Output;
    }

    /// <summary>What it printed, errors too; the test fails if the program did not.</summary>
    public string Failed()
    {
        Assert.True(ExitCode != 0, ToString());
        return Output + Errors;
    }

    public override string ToString()
    {
        const int Most = 2000;
        string said = Output + Errors;
        return $"{Line}\nended with {ExitCode}:\n{(said.Length > Most ? said[..Most] + "…" : said)}";
    }
}

namespace Mpathd;

/// <summary>Exceptions of other people's code, which may throw even when they are looked at.</summary>
internal static class ForeignException
{
    /// <summary>What it says of itself.</summary>
    public static string MessageOf(Exception exception)
    {
        try
        {
            return exception.Message;
        }
        catch (Exception)
        {
            return "its message cannot be read";
        }
    }
}

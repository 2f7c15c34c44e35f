namespace VmHarness.Machines;

/// <summary>One guest at a time, over all test processes of this user.</summary>
internal static class MachineLock
{
    // All that go before it may take as long as they are let, and an emulated one takes half an hour.
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(4);

    public static async Task<IDisposable> TakeAsync()
    {
        var path = Path.Combine(Path.GetTempPath(), $"libmultipath-vm-{Environment.UserName}.lock");
        var end = DateTime.UtcNow + s_patience;
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (DateTime.UtcNow < end)
            {
                await Task.Delay(250);
            }
        }
    }
}

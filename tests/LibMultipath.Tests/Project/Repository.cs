namespace LibMultipath.Tests.Project;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    // The test assembly is below the checkout, wherever it was built to; the source file's own path is not used,
    // because a deterministic build maps it.
    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "LibMultipath.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"There is no LibMultipath.sln above {AppContext.BaseDirectory}.");
    }
}
